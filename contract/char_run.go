package contract

import "regexp/syntax"

// A charRun does what a pattern of the form ^[A-Za-z0-9_-]{1,64}$ does: some characters
// of one class of ASCII, and nothing else. Ids have such patterns, and package regexp
// takes ten times as long for them.
type charRun struct {
	class       [128]bool
	least, most int // most is -1 if there is no limit
}

// charRunOf returns the charRun that does what a pattern does, nil if it has another form.
func charRunOf(pattern string) *charRun {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || re.Op != syntax.OpConcat || len(re.Sub) != 3 {
		return nil
	}
	begin, repeat, end := re.Sub[0], re.Sub[1], re.Sub[2]
	run := &charRun{least: repeat.Min, most: repeat.Max}
	switch repeat.Op {
	case syntax.OpRepeat:
	case syntax.OpPlus:
		run.least, run.most = 1, -1
	case syntax.OpStar:
		run.least, run.most = 0, -1
	default:
		return nil
	}
	class := repeat.Sub[0]
	if begin.Op != syntax.OpBeginText || end.Op != syntax.OpEndText || class.Op != syntax.OpCharClass {
		return nil
	}
	for i := 0; i < len(class.Rune); i += 2 { // from, to
		if int(class.Rune[i+1]) >= len(run.class) {
			return nil
		}
		for c := class.Rune[i]; c <= class.Rune[i+1]; c++ {
			run.class[c] = true
		}
	}
	return run
}

func (r *charRun) matches(text string) bool {
	if len(text) < r.least || r.most >= 0 && len(text) > r.most {
		return false
	}
	for i := range len(text) {
		if c := text[i]; int(c) >= len(r.class) || !r.class[c] {
			return false
		}
	}
	return true
}
