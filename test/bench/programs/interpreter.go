// An interpreter's loop: a switch over opcodes of a small stack machine.
package main

import "fmt"

type op byte

const (
	push op = iota
	load
	store
	add
	sub
	mul
	less
	jumpIfZero
	jump
	dup
	halt
)

type instruction struct {
	op  op
	arg int
}

func run(code []instruction, variables []int) (steps int) {
	stack := make([]int, 0, 64)
	for pc := 0; ; steps++ {
		in := code[pc]
		pc++
		switch in.op {
		case push:
			stack = append(stack, in.arg)
		case load:
			stack = append(stack, variables[in.arg])
		case store:
			variables[in.arg] = stack[len(stack)-1]
			stack = stack[:len(stack)-1]
		case add, sub, mul, less:
			a, b := stack[len(stack)-2], stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			r := 0
			switch in.op {
			case add:
				r = a + b
			case sub:
				r = a - b
			case mul:
				r = a * b
			case less:
				if a < b {
					r = 1
				}
			}
			stack[len(stack)-1] = r
		case jumpIfZero:
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if v == 0 {
				pc = in.arg
			}
		case jump:
			pc = in.arg
		case dup:
			stack = append(stack, stack[len(stack)-1])
		case halt:
			return steps
		}
	}
}

func main() {
	// for i = 0; i < n; i++ { for j = 0; j < i; j++ { s = s*3 + j - i } }
	code := []instruction{
		{push, 0}, {store, 0}, // i
		{load, 0}, {load, 3}, {less, 0}, {jumpIfZero, 27},
		{push, 0}, {store, 1}, // j
		{load, 1}, {load, 0}, {less, 0}, {jumpIfZero, 22},
		{load, 2}, {push, 3}, {mul, 0}, {load, 1}, {add, 0}, {load, 0}, {sub, 0}, {store, 2},
		{jump, 23}, {halt, 0}, {jump, 25},
		{load, 1}, {jump, 29}, {load, 0}, {jump, 33}, {halt, 0}, {halt, 0},
		{push, 1}, {add, 0}, {store, 1}, {jump, 8},
		{push, 1}, {add, 0}, {store, 0}, {jump, 2},
	}
	variables := []int{0, 0, 0, 2900}
	fmt.Println(run(code, variables), variables)
}
