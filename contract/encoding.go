package contract

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// wideEncodings are the encodings of Unicode besides UTF-8 that many servers detect in a
// body. UTF-32 comes first, because its byte order mark begins like one of UTF-16.
var wideEncodings = []struct {
	name  string
	mark  []byte // the byte order mark
	width int    // bytes a unit
	unit  func([]byte) uint32
}{
	{"UTF-32", []byte("\xff\xfe\x00\x00"), 4, binary.LittleEndian.Uint32},
	{"UTF-32", []byte("\x00\x00\xfe\xff"), 4, binary.BigEndian.Uint32},
	{"UTF-16", []byte("\xff\xfe"), 2, func(b []byte) uint32 { return uint32(binary.LittleEndian.Uint16(b)) }},
	{"UTF-16", []byte("\xfe\xff"), 2, func(b []byte) uint32 { return uint32(binary.BigEndian.Uint16(b)) }},
}

// wideText returns a body in UTF-16 or UTF-32 as UTF-8, with the name of its encoding, or ""
// if it is in neither. Without a byte order mark, the first character tells, which in JSON is
// one of ASCII.
func wideText(body []byte) (encoding string, text []byte) {
	for _, e := range wideEncodings {
		if len(body) < e.width || len(body)%e.width != 0 {
			continue
		}
		rest, marked := bytes.CutPrefix(body, e.mark)
		if first := e.unit(body); !marked && (first == 0 || first >= 0x80) {
			continue
		}
		runes := make([]rune, 0, len(rest)/e.width)
		units := make([]uint16, 0, len(rest)/2)
		for ; len(rest) > 0; rest = rest[e.width:] {
			if e.width == 2 {
				units = append(units, uint16(e.unit(rest)))
			} else {
				runes = append(runes, rune(e.unit(rest)))
			}
		}
		return e.name, []byte(string(append(runes, utf16.Decode(units)...)))
	}
	return "", nil
}
