// Package ges holds what only the Graph Engine Service knows, and no document
// says.
package ges
