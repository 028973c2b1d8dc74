module internals

go 1.26
