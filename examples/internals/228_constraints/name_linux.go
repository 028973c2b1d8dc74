package main

func init() { files = append(files, "name_linux.go") }
