module asm_user

go 1.26
