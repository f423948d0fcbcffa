package cases

// A variation is a valid request with a part written differently. It becomes a case if a
// requirement names it, for a member as MEMBER-NAME.
type variation struct {
	at   place
	name string
	text string
	// slot is what it varies, if that is not the whole request. Two variations of one slot cannot
	// be in one request.
	slot   string
	header string // the header that has the text, at nowhere
	set    func(*Template)
}

// The slots of variations; those of a member and of a header have their names.
const (
	slotType       = "media-type"
	slotParameter  = "media-type-parameter"
	slotSpace      = "white-space"
	slotNames      = "names"
	slotOrder      = "order"
	slotLength     = "length"
	slotConnection = "transfer"
)

// What a browser accepts, when somebody types the address.
const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

// The usual sizes of buffers; a body that is longer by one byte needs a second read.
const (
	onePage   = 4096
	twoPages  = 8192
	wholeWord = 65536
)

// variations are all valid ways to write a request. If only some can be tried, because each
// acceptance costs an upgrade, the first of each slot are. What writes a body in another way goes
// with the plainest members, so that a server that looks at the text sees the others as they are.
var variations = []variation{
	{at: nowhere, name: "plain"},
	{at: atMember, name: "absent", text: absent},
	{at: atMemberValue, name: "false", text: "false"},
	{at: atMemberValue, name: "true", text: "true"},
	{at: atMediaType, name: "charset", slot: slotParameter, text: "${media_type}; charset=utf-8"},
	{at: atMediaType, name: "charset-quoted", slot: slotParameter, text: `${media_type}; charset="utf-8"`},
	{at: atMediaType, name: "charset-upper-case", slot: slotParameter, text: "${media_type};charset=UTF-8"},
	{at: atMediaType, name: "media-type-upper-case", slot: slotType, text: "${upper_media_type}"},
	{at: atBody, name: "whitespace", slot: slotSpace, text: "\r\n\t ${body_spaced}\n"},
	{at: atBody, name: "escapes", slot: slotNames, text: "${body_with_escapes}"},
	{at: atBody, name: "member-order", slot: slotOrder, text: "${body_reversed}"},
	{at: nowhere, name: "length-over-64-kib", slot: slotLength, set: func(t *Template) { t.PadTo = wholeWord + 1 }},
	{at: nowhere, name: "length-over-8-kib", slot: slotLength, set: func(t *Template) { t.PadTo = twoPages + 1 }},
	{at: nowhere, name: "length-4-kib", slot: slotLength, set: func(t *Template) { t.PadTo = onePage }},
	{at: nowhere, name: "accept-browser", slot: "Accept", header: "Accept", text: browserAccept},
	{at: nowhere, name: "accept-any", slot: "Accept", header: "Accept", text: "*/*"},
	{at: nowhere, name: "language-zh-cn", slot: "X-Language", header: "X-Language", text: "zh-cn"},
	{at: nowhere, name: "language-en-us", slot: "X-Language", header: "X-Language", text: "en-us"},
	{at: nowhere, name: "expect-continue", slot: "Expect", header: "Expect", text: "100-continue"},
	{at: nowhere, name: "chunked", slot: slotConnection, set: func(t *Template) { t.Chunked = true }},
	{at: nowhere, name: "encoding-identity", slot: "Content-Encoding", header: "Content-Encoding", text: "identity"},
	{at: nowhere, name: "encoding-gzip", slot: "Content-Encoding", header: "Content-Encoding", text: "gzip", set: func(t *Template) { t.Gzip = true }},
}

// slotOf returns the slot of a variation of a part.
func (v *variation) slotOf(p part) string {
	if v.at == atMember || v.at == atMemberValue {
		return p.name
	}
	return v.slot
}
