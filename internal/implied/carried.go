package implied

import "github.com/gesconform/gesconform/contract"

// Carried is what requests carry for a security scheme. What sends must keep it from all records.
type Carried struct {
	Scheme *contract.SecurityScheme
	Text   string   // all of it in its place, such as "Bearer …"
	MadeUp []string // what a run makes of it, which must be refused
}

// CarriedBy returns what the requests of a run carry for each security scheme with a credential.
func CarriedBy(o Options) []Carried {
	var all []Carried
	seen := map[string]bool{}
	for _, op := range o.Contract.Operations() {
		for _, s := range op.Schemes() {
			value, given := o.Credentials[s.ID]
			if !given || seen[s.ID] {
				continue
			}
			seen[s.ID] = true
			c := Carried{Scheme: s, Text: credentialText(s, value)}
			for _, l := range madeUpLapses {
				c.MadeUp = append(c.MadeUp, credentialText(s, madeUp(s, value, l)))
			}
			all = append(all, c)
		}
	}
	return all
}
