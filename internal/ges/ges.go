// Package ges holds what is particular to the Graph Engine Service and not in the document.
package ges
