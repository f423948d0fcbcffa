package services

func workshopVariations() []Twist { return nil }
