// Types whose descriptors describe_test.cpp compares with gc's. No imports: gale's checker reads this file alone.
package main

type Int int
type hidden struct{ a, b int32 }
type List[T any] struct {
	head *T
	next *List[T]
}

func (l *List[T]) Push(v T) {}
func (l List[T]) len() int  { return 0 }

type Pair[K comparable, V any] struct {
	Key K
	Val V
}
type Stringer interface{ String() string }
type both interface {
	Stringer
	close() error
	Read(p []byte) (n int, err error)
}
type Point struct {
	X, Y int
	name string `json:"name,omitempty"`
	_    int
}

func (p Point) String() string            { return "" }
func (p *Point) Move(dx, dy int, s ...any) {}
func (p Point) secret(f func(int) bool)   {}
func (p Point) Add(q Point) Point         { return q }

type Embeds struct {
	Point
	*hidden
	Stringer2
	E error
}
type Stringer2 interface{ Other() }
type Ptr *int
type Fn func(a int, b ...string) (c error)

func (f Fn) Call() {}

type Chan chan<- Point
type M map[string]Point
type Float float64
type Big [40000]*int
type One struct{ p *int }
type OneArray [1]One
type Padded struct {
	a int8
	b int64
}
type Tight struct{ a, b int32 }
type Rec struct {
	m map[Int]*Rec
	f func(*Rec) []Rec
}
type Empty struct{}

func (Int) Zed()   {}
func (Int) alpha() {}
func (Int) Alpha() {}

type Cases struct {
	B          bool
	I          int
	I8         int8
	U16        uint16
	F32        float32
	C128       complex128
	S          string
	UP         uintptr
	E          error
	Any        any
	NI         Int
	PI         *Int
	H          hidden
	PP         **int
	L          List[int]
	PL         *List[string]
	LP         List[Pair[string, []Int]]
	PR         Pair[string, any]
	ST         Stringer
	BT         both
	P          Point
	PPt        *Point
	EM         Embeds
	PEM        *Embeds
	PT         Ptr
	FN         Fn
	F0         func()
	F1         func(int, ...any) (string, error)
	CH         Chan
	CR         <-chan int
	CB         chan []string
	MM         M
	MI         map[int]bool
	MS         map[[3]string]*Point
	MA         map[any]struct{ X float64 }
	SL         []Int
	SS         [][]byte
	A3         [3]string
	A0         [0]string
	A1         [1]*int
	AF         [2]float64
	BG         Big
	ON         One
	OA         OneArray
	PD         Padded
	TG         Tight
	RC         Rec
	EY         Empty
	FL         Float
	Anonymous  struct {
		a int `tag:"x"`
		B string
		Point
	}
	AnonIface interface {
		Exported(int)
		unexported() string
	}
	Arr struct {
		x [4]Tight
		y [5]byte
		z [5]string
	}
}
