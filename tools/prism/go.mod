module github.com/gesconform/gesconform/tools/prism

go 1.26.8
