// Package resources keeps the ids that a run can use: those that it was given, those that
// answers have shown, and those of what it has made itself.
package resources
