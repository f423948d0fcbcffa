package implied

import (
	"strconv"
	"strings"
	"unicode"
)

// likely are texts for members that take any text as far as the document says, by the last words of their names: what a
// server may want of them. They stand for nothing that there is: names and addresses are those that are kept for
// documentation (RFC 2606, RFC 5737), phone numbers those that are kept for fiction.
var likely = table(map[string][]string{
	"email mail":                  {"person@example.com"},
	"phone telephone mobile fax":  {"+14155550132", "4155550132"},
	"url uri link website href":   {"https://example.com/"},
	"homepage webhook callback":   {"https://example.com/"},
	"hostname host domain":        {"example.com"},
	"ip ipaddress":                {"192.0.2.1"},
	"date day birthday born from": {"2031-05-01", "2031-05-01T12:00:00Z"},
	"until to end":                {"2031-05-04", "2031-05-04T12:00:00Z"},
	"at time timestamp datetime":  {"2031-05-01T12:00:00Z", "12:00:00"},
	"timezone tz":                 {"UTC", "Europe/London"},
	"currency":                    {"EUR"},
	"country nationality":         {"DE", "Germany"},
	"locale language lang":        {"en", "en-GB"},
	"zip zipcode postcode":        {"12345"},
	"postalcode":                  {"12345"},
	"colour color":                {"#336699", "red"},
	"uuid guid":                   {"6f1c0b4e-5a3d-4e2b-9c7a-1d2e3f405162"},
	"password passphrase":         {"Correct-Horse-7-Battery"},
	"iban":                        {"DE89370400440532013000"},
	"isbn":                        {"9780306406157"},
	"amount price total quantity": {"1"},
})

// table has an entry for each of the words of a key.
func table(of map[string][]string) map[string][]string {
	all := map[string][]string{}
	for words, texts := range of {
		for word := range strings.FieldsSeq(words) {
			all[word] = texts
		}
	}
	return all
}

// likelyTexts returns the texts that a server may want of a member with a name; nil if it tells nothing.
func likelyTexts(name string) []string {
	words := wordsOf(name)
	for n := min(2, len(words)); n > 0; n-- {
		if texts := likely[strings.Join(words[len(words)-n:], "")]; texts != nil {
			return texts
		}
	}
	return nil
}

// otherLikely returns a likely text that a number makes unique, where that is sure to leave it what it is, or where texts
// are needed that are others of their form.
func otherLikely(text string, n int, inForm bool) string {
	number := strconv.Itoa(n)
	switch {
	case strings.Contains(text, "@"):
		return "n" + number + "." + text
	case strings.HasPrefix(text, "https://"):
		return text + number
	case inForm && strings.Trim(text, "+0123456789") == "":
		return counted(text, n)
	}
	return text
}

// wordsOf takes a name apart: contactEmail, contact_email and Contact-Email have the same words.
func wordsOf(name string) []string {
	var text strings.Builder
	before := ' '
	for _, c := range name {
		if unicode.IsUpper(c) && unicode.IsLower(before) {
			text.WriteByte(' ')
		}
		text.WriteRune(c)
		before = c
	}
	return strings.FieldsFunc(strings.ToLower(text.String()), func(c rune) bool { return !unicode.IsLetter(c) })
}
