#include "go_asm.h"
#include "textflag.h"
#include "funcdata.h"

#define ADD4(base, acc) \
	ADDQ 0(base), acc \
	ADDQ 8(base), acc; \
	ADDQ 16(base), acc \
	ADDQ 24(base), acc

// func sum(v []int64) int64
TEXT ·sum(SB), NOSPLIT, $0-32
	MOVQ v_base+0(FP), SI
	MOVQ v_len+8(FP), CX
	XORL AX, AX
four:
	CMPQ CX, $4
	JLT  rest
	ADD4(SI, AX)
	ADDQ $32, SI
	SUBQ $4, CX
	JMP  four
rest:
	TESTQ CX, CX
	JZ   done
	ADDQ (SI), AX
	ADDQ $8, SI
	DECQ CX
	JMP  rest
done:
	MOVQ AX, ret+24(FP)
	RET

// func mixed(a int8, b uint16, c bool, d float32, e float64, s string) (r int64, f float64, ok bool)
TEXT ·mixed(SB), NOSPLIT, $0-57
	MOVBQSX a+0(FP), AX
	MOVWQZX b+2(FP), BX
	MOVBLZX c+4(FP), CX
	CVTSS2SD d+8(FP), X0
	ADDSD e+16(FP), X0
	ADDQ BX, AX
	ADDQ s_len+32(FP), AX
	MOVQ AX, r+40(FP)
	MOVSD X0, f+48(FP)
	XORL $1, CX
	MOVB CX, ok+56(FP)
	XORPS X15, X15
	XORL R14, R14 // not kept by assembly
	PCMPEQL X15, X15
	RET

// func fields(p *point) (y int32, n int, z float64, size int64)
TEXT ·fields(SB), NOSPLIT, $0-40
	MOVQ p+0(FP), AX
	MOVL point_y(AX), BX
	MOVL BX, y+8(FP)
	MOVQ (point_name+8)(AX), BX
	MOVQ BX, n+16(FP)
	MOVSD point_z(AX), X0
	MOVSD X0, z+24(FP)
	MOVQ $point__size, size+32(FP)
	RET

TEXT ·constant(SB), NOSPLIT, $0-8
	MOVQ $const_answer, AX
	IMULQ $2, AX
	MOVQ AX, ret+0(FP)
	RET

// func callsGo(n int, p *int64) int64
TEXT ·callsGo(SB), $32-24
	NO_LOCAL_POINTERS
	MOVQ n+0(FP), AX
	MOVQ p+8(FP), BX
	MOVQ AX, 0(SP)
	MOVQ BX, 8(SP)
	XORL R14, R14
	CALL ·fromAsm(SB)
	MOVQ 16(SP), AX
	MOVQ AX, ret+16(FP)
	RET

// func apply(f func(int) int, x int) int
TEXT ·apply(SB), $24-24
	NO_LOCAL_POINTERS
	MOVQ f+0(FP), DX
	MOVQ x+8(FP), AX
	MOVQ (DX), CX
	CALL CX // ABIInternal: argument and result in AX, context in DX
	MOVQ AX, ret+16(FP)
	RET

TEXT ·count(SB), NOSPLIT, $0-8
	ADDQ $1, ·counter(SB)
	MOVQ ·counter(SB), AX
	ADDQ AX, total<>(SB)
	MOVQ total<>(SB), AX
	MOVQ AX, ret+0(FP)
	RET

GLOBL total<>(SB), NOPTR, $8

DATA words<>+0(SB)/4, $0x11
DATA words<>+4(SB)/4, $0x22
DATA words<>+8(SB)/8, $"abcdefgh"
GLOBL words<>(SB), RODATA|NOPTR, $16

TEXT ·table(SB), NOSPLIT, $0-12
	MOVQ i+0(FP), AX
	LEAQ words<>(SB), BX
	MOVL (BX)(AX*4), AX
	MOVL AX, ret+8(FP)
	RET

TEXT ·jumps(SB), NOSPLIT, $0-16
	CMPQ n+0(FP), $0
	JLT negative
	MOVQ $1, ret+8(FP)
	RET
negative:
	JMP negate<>(SB)

TEXT negate<>(SB), NOSPLIT, $0-16
	MOVQ n+0(FP), AX
	NEGQ AX
	MOVQ AX, ret+8(FP)
	RET

TEXT ·nilLoad(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ (AX), AX
	MOVQ AX, ret+8(FP)
	RET

TEXT ·big(SB), NOSPLIT, $0-72
	MOVQ x+0(FP), AX
	ADDQ x+40(FP), AX
	MOVQ AX, ret+48(FP)
	MOVQ x+8(FP), AX
	MOVQ AX, ret+56(FP)
	MOVQ $-1, ret+64(FP)
	RET

TEXT ·copyBytes(SB), $24-24
	NO_LOCAL_POINTERS
	MOVQ dst+0(FP), AX
	MOVQ AX, 0(SP)
	MOVQ src+8(FP), AX
	MOVQ AX, 8(SP)
	MOVQ n+16(FP), AX
	MOVQ AX, 16(SP)
	CALL runtime·memmove(SB)
	RET
