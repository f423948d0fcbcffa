module github.com/gesconform/gesconform/tools/mutants

go 1.26.8
