//go:build amd64 && !windows

package main

func init() { files = append(files, "expression.go") }
