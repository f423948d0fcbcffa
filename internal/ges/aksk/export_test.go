package aksk

// SignatureOf signs exactly the headers that a names, as another client might.
func SignatureOf(a Authorization, r *Request, secret string) string {
	return a.signature(r, secret)
}
