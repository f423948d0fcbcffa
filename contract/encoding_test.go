package contract_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"unicode/utf16"

	"github.com/gesconform/gesconform/contract"
)

// A body in UTF-16 or UTF-32, with or without a byte order mark, is read, and has one problem.
func TestWideEncodings(t *testing.T) {
	const text = `{"a":"é😀"}`
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, mark := range []string{"", "\ufeff"} {
			var two, four []byte
			for _, u := range utf16.Encode([]rune(mark + text)) {
				two = order.AppendUint16(two, u)
			}
			for _, r := range mark + text {
				four = order.AppendUint32(four, uint32(r))
			}
			for name, body := range map[string][]byte{"UTF-16": two, "UTF-32": four} {
				v, problems := contract.ReadJSON(body)
				want := fmt.Sprintf("body: the body is %s, expected UTF-8", name)
				if v.Member("a").String() != "é😀" || len(problems) != 1 || problems[0].String() != want || problems[0].Keyword != "utf16" {
					t.Errorf("%q: got %v, %v, expected %q", body, v, problems, want)
				}
			}
		}
	}
}
