//go:build ignore

package main

func init() { files = append(files, "ignored.go") }
