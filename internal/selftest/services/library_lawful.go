package services

func libraryVariations() []Twist { return nil }
