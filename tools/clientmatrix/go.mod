module github.com/gesconform/gesconform/tools/clientmatrix

go 1.26.8
