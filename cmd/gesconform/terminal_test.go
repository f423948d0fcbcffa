package main

import "testing"

func TestShowsUTF8(t *testing.T) {
	for locale, want := range map[string]bool{
		"": true, "en_GB.UTF-8": true, "C.utf8": true, "de_DE.utf-8@euro": true,
		"C": false, "POSIX": false, "en_GB.ISO-8859-1": false, "zh_CN.GB18030": false,
	} {
		if got := showsUTF8(locale); got != want {
			t.Errorf("%q: expected %t, got %t", locale, want, got)
		}
	}
}
