// A small Lisp: reader, evaluator with closures and tail calls, printer, errors by panic and recover.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

type (
	value  interface{}
	symbol string
	list   []value
	lambda struct {
		params []symbol
		body   value
		env    *env
	}
	builtin func(args []value) value
	lispErr struct{ text string }
)

func (e lispErr) Error() string { return "lisp: " + e.text }

func fail(format string, args ...any) { panic(lispErr{fmt.Sprintf(format, args...)}) }

type env struct {
	vars  map[symbol]value
	outer *env
}

func (e *env) find(s symbol) *env {
	for ; e != nil; e = e.outer {
		if _, ok := e.vars[s]; ok {
			return e
		}
	}
	fail("undefined: %s", s)
	return nil
}

func tokenize(src string) []string {
	return strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "'", " ' ").Replace(src))
}

func read(tokens *[]string) value {
	if len(*tokens) == 0 {
		fail("unexpected end")
	}
	t := (*tokens)[0]
	*tokens = (*tokens)[1:]
	switch t {
	case "(":
		l := list{}
		for len(*tokens) > 0 && (*tokens)[0] != ")" {
			l = append(l, read(tokens))
		}
		if len(*tokens) == 0 {
			fail("missing )")
		}
		*tokens = (*tokens)[1:]
		return l
	case ")":
		fail("unexpected )")
	case "'":
		return list{symbol("quote"), read(tokens)}
	}
	if i, err := strconv.ParseInt(t, 10, 64); err == nil {
		return i
	}
	if f, err := strconv.ParseFloat(t, 64); err == nil {
		return f
	}
	return symbol(t)
}

func truthy(v value) bool {
	b, ok := v.(bool)
	return !ok || b
}

func eval(x value, e *env) value {
	for {
		switch v := x.(type) {
		case symbol:
			return e.find(v).vars[v]
		case list:
			if len(v) == 0 {
				return v
			}
			if s, ok := v[0].(symbol); ok {
				switch s {
				case "quote":
					return v[1]
				case "if":
					if truthy(eval(v[1], e)) {
						x = v[2]
					} else if len(v) > 3 {
						x = v[3]
					} else {
						return false
					}
					continue
				case "define":
					e.vars[v[1].(symbol)] = eval(v[2], e)
					return v[1]
				case "set!":
					name := v[1].(symbol)
					e.find(name).vars[name] = eval(v[2], e)
					return nil
				case "lambda":
					var params []symbol
					for _, p := range v[1].(list) {
						params = append(params, p.(symbol))
					}
					return &lambda{params, v[2], e}
				case "begin":
					for _, y := range v[1 : len(v)-1] {
						eval(y, e)
					}
					x = v[len(v)-1]
					continue
				}
			}
			f := eval(v[0], e)
			args := make([]value, len(v)-1)
			for i, a := range v[1:] {
				args[i] = eval(a, e)
			}
			switch f := f.(type) {
			case builtin:
				return f(args)
			case *lambda:
				if len(args) != len(f.params) {
					fail("want %d arguments, have %d", len(f.params), len(args))
				}
				inner := &env{map[symbol]value{}, f.env}
				for i, p := range f.params {
					inner.vars[p] = args[i]
				}
				x, e = f.body, inner
				continue
			default:
				fail("not a function: %v", show(f))
			}
		default:
			return x
		}
	}
}

func show(v value) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case list:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = show(x)
		}
		return "(" + strings.Join(parts, " ") + ")"
	case *lambda, builtin:
		return "#<function>"
	case bool:
		if v {
			return "#t"
		}
		return "#f"
	}
	return fmt.Sprint(v)
}

func arith(name string, ints func(a, b int64) int64, floats func(a, b float64) float64) builtin {
	return func(args []value) value {
		acc := args[0]
		for _, a := range args[1:] {
			x, xi := acc.(int64)
			y, yi := a.(int64)
			if xi && yi {
				acc = ints(x, y)
				continue
			}
			toFloat := func(v value) float64 {
				switch v := v.(type) {
				case int64:
					return float64(v)
				case float64:
					return v
				}
				fail("%s: not a number: %s", name, show(v))
				return 0
			}
			acc = floats(toFloat(acc), toFloat(a))
		}
		return acc
	}
}

func global() *env {
	vars := map[symbol]value{
		"+":    arith("+", func(a, b int64) int64 { return a + b }, func(a, b float64) float64 { return a + b }),
		"-":    arith("-", func(a, b int64) int64 { return a - b }, func(a, b float64) float64 { return a - b }),
		"*":    arith("*", func(a, b int64) int64 { return a * b }, func(a, b float64) float64 { return a * b }),
		"/":    arith("/", func(a, b int64) int64 { return a / b }, func(a, b float64) float64 { return a / b }),
		"<":    builtin(func(a []value) value { return a[0].(int64) < a[1].(int64) }),
		"=":    builtin(func(a []value) value { return a[0] == a[1] }),
		"cons": builtin(func(a []value) value { return append(list{a[0]}, a[1].(list)...) }),
		"car": builtin(func(a []value) value {
			if l := a[0].(list); len(l) > 0 {
				return l[0]
			}
			fail("car of empty list")
			return nil
		}),
		"cdr":   builtin(func(a []value) value { return a[0].(list)[1:] }),
		"list":  builtin(func(a []value) value { return list(a) }),
		"null?": builtin(func(a []value) value { l, ok := a[0].(list); return ok && len(l) == 0 }),
	}
	return &env{vars, nil}
}

func run(src string, e *env) (result string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			result = "error: " + r.Error()
		default:
			panic(r)
		}
	}()
	tokens := tokenize(src)
	for len(tokens) > 0 {
		result = show(eval(read(&tokens), e))
	}
	return
}

func main() {
	e := global()
	for _, src := range []string{
		"(+ 1 2 (* 3 4))", "(define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))", "(fib 20)",
		"(define loop (lambda (n acc) (if (= n 0) acc (loop (- n 1) (+ acc n)))))", "(loop 200000 0)",
		"(define map (lambda (f l) (if (null? l) l (cons (f (car l)) (map f (cdr l))))))", "(map (lambda (x) (* x x)) '(1 2 3 4.5))",
		"(define counter (lambda () (begin (define n 0) (lambda () (begin (set! n (+ n 1)) n)))))", "(define c (counter))", "(c)", "(c)",
		"'(a (b c) ())", "(car '())", "(undefined 1)", "(1 2)", "(fib)", "(+ 1 'a)", "(/ 1 0)", "(car 5)", "(", ")", "(/ 1.0 4)",
	} {
		fmt.Fprintln(os.Stdout, src, "=>", run(src, e))
	}
}
