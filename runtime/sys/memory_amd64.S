// memory_amd64.S: blocks of memory and of text: the LEAF rows of gates.def, and the names that g++ calls by itself.
//
// A LEAF row is entered with ABIInternal registers on the goroutine's stack, makes no frame, calls and pushes nothing (a fault finds the
// return address at RSP), and changes RAX RBX RCX RDX RDI RSI X0-X8 and flags only (amd64/inst.h, kLeafClobbers). X15 stays zero.
// Wide vectors are used if rt_wide_vectors says so; every way out of such code goes by vzeroupper.
//
// Loads may reach beyond a block, inside an aligned 16 bytes or a page of it, never stores.

.intel_syntax noprefix

.macro leaf_func section, name, alias=none
  .section ".text.asm.\section","ax",@progbits
  .p2align 4
  .quad 0x425553455441474C      // StubInfo (panic/unwind.h): no frame
  .byte 0, 0
  .short 0
  .byte 0, 5
  .short 0
  .globl "\name"
  .type "\name",@function
.ifnc \alias,none
  .globl "\alias"
  .type "\alias",@function
"\alias":
.endif
"\name":
.endm

.macro c_func name
  .section ".text.asm.\name","ax",@progbits
  .p2align 4
  .globl \name
  .type \name,@function
\name:
.endm

// ---- Copies. All that is written is read before, or lies where nothing is read any more: overlapping blocks are right in either
// direction. `a` and `b` are free; n is lost.
.set kByString, 32768           // from here on the processor's own copying is as fast
.macro move_block dst, src, n, a, a4, a2, b, b4, b1
  cmp \n, 16
  ja 20f
  cmp \n, 8
  jae 12f
  cmp \n, 4
  jae 11f
  test \n, \n
  jz 10f
  movzx \b4, byte ptr [\src]
  cmp \n, 1
  je 13f
  movzx \a4, word ptr [\src + \n - 2]
  mov [\dst + \n - 2], \a2
13:
  mov [\dst], \b1
10:
  ret
11:
  mov \a4, [\src]
  mov \b4, [\src + \n - 4]
  mov [\dst], \a4
  mov [\dst + \n - 4], \b4
  ret
12:
  mov \a, [\src]
  mov \b, [\src + \n - 8]
  mov [\dst], \a
  mov [\dst + \n - 8], \b
  ret
20:
  cmp \n, 32
  ja 21f
  movups xmm0, [\src]
  movups xmm1, [\src + \n - 16]
  movups [\dst], xmm0
  movups [\dst + \n - 16], xmm1
  ret
21:
  cmp \n, 64
  ja 22f
  movups xmm0, [\src]
  movups xmm1, [\src + 16]
  movups xmm2, [\src + \n - 32]
  movups xmm3, [\src + \n - 16]
  movups [\dst], xmm0
  movups [\dst + 16], xmm1
  movups [\dst + \n - 32], xmm2
  movups [\dst + \n - 16], xmm3
  ret
22:
  cmp \n, 128
  ja 23f
  movups xmm0, [\src]
  movups xmm1, [\src + 16]
  movups xmm2, [\src + 32]
  movups xmm3, [\src + 48]
  movups xmm4, [\src + \n - 64]
  movups xmm5, [\src + \n - 48]
  movups xmm6, [\src + \n - 32]
  movups xmm7, [\src + \n - 16]
  movups [\dst], xmm0
  movups [\dst + 16], xmm1
  movups [\dst + 32], xmm2
  movups [\dst + 48], xmm3
  movups [\dst + \n - 64], xmm4
  movups [\dst + \n - 48], xmm5
  movups [\dst + \n - 32], xmm6
  movups [\dst + \n - 16], xmm7
  ret
23:
  cmp byte ptr [rip + rt_wide_vectors], 0
  je 40f
  cmp \n, 256
  ja 24f
  vmovdqu ymm0, [\src]
  vmovdqu ymm1, [\src + 32]
  vmovdqu ymm2, [\src + 64]
  vmovdqu ymm3, [\src + 96]
  vmovdqu ymm4, [\src + \n - 128]
  vmovdqu ymm5, [\src + \n - 96]
  vmovdqu ymm6, [\src + \n - 64]
  vmovdqu ymm7, [\src + \n - 32]
  vmovdqu [\dst], ymm0
  vmovdqu [\dst + 32], ymm1
  vmovdqu [\dst + 64], ymm2
  vmovdqu [\dst + 96], ymm3
  vmovdqu [\dst + \n - 128], ymm4
  vmovdqu [\dst + \n - 96], ymm5
  vmovdqu [\dst + \n - 64], ymm6
  vmovdqu [\dst + \n - 32], ymm7
  vzeroupper
  ret
24:
  mov \a, \dst
  sub \a, \src
  jz 10b
  cmp \a, \n
  jb 30f                        // dst lies in the source: backwards
  cmp \n, kByString
  jb 27f
  mov \b, \src
  sub \b, \dst
  cmp \b, \n
  jae 50f                       // apart
27:
  // Forwards, to an aligned address, 128 bytes a turn; the first 32 and the last 128 bytes are stored last.
  vmovdqu ymm8, [\src]
  vmovdqu ymm4, [\src + \n - 128]
  vmovdqu ymm5, [\src + \n - 96]
  vmovdqu ymm6, [\src + \n - 64]
  vmovdqu ymm7, [\src + \n - 32]
  lea \b, [\dst + \n]           // end
  mov \a, \dst
  not \a
  and \a, 31
  inc \a                        // 1..32 up to the aligned address
  add \src, \a
  sub \n, \a
  add \a, \dst
  sub \n, 128
  jbe 26f
25:
  vmovdqu ymm0, [\src]
  vmovdqu ymm1, [\src + 32]
  vmovdqu ymm2, [\src + 64]
  vmovdqu ymm3, [\src + 96]
  vmovdqa [\a], ymm0
  vmovdqa [\a + 32], ymm1
  vmovdqa [\a + 64], ymm2
  vmovdqa [\a + 96], ymm3
  sub \src, -128
  sub \a, -128
  sub \n, 128
  ja 25b
26:
  vmovdqu [\b - 128], ymm4
  vmovdqu [\b - 96], ymm5
  vmovdqu [\b - 64], ymm6
  vmovdqu [\b - 32], ymm7
  vmovdqu [\dst], ymm8
  vzeroupper
  ret
30:
  // Backwards; the last 32 and the first 128 bytes are stored last.
  vmovdqu ymm8, [\src + \n - 32]
  vmovdqu ymm4, [\src]
  vmovdqu ymm5, [\src + 32]
  vmovdqu ymm6, [\src + 64]
  vmovdqu ymm7, [\src + 96]
  lea \a, [\dst + \n]
  mov \b, \a                    // end
  dec \a
  and \a, 31
  inc \a                        // 1..32 above the aligned address
  sub \n, \a
31:
  vmovdqu ymm0, [\src + \n - 32]
  vmovdqu ymm1, [\src + \n - 64]
  vmovdqu ymm2, [\src + \n - 96]
  vmovdqu ymm3, [\src + \n - 128]
  vmovdqa [\dst + \n - 32], ymm0
  vmovdqa [\dst + \n - 64], ymm1
  vmovdqa [\dst + \n - 96], ymm2
  vmovdqa [\dst + \n - 128], ymm3
  sub \n, 128
  cmp \n, 128
  ja 31b
  vmovdqu [\dst], ymm4
  vmovdqu [\dst + 32], ymm5
  vmovdqu [\dst + 64], ymm6
  vmovdqu [\dst + 96], ymm7
  vmovdqu [\b - 32], ymm8
  vzeroupper
  ret
  // The same with narrow vectors, 64 bytes a turn, not aligned.
40:
  mov \a, \dst
  sub \a, \src
  cmp \a, \n
  jb 43f
  cmp \n, kByString / 16
  jb 42f
  mov \b, \src
  sub \b, \dst
  cmp \b, \n
  jae 50f
42:
  movups xmm4, [\src + \n - 64]
  movups xmm5, [\src + \n - 48]
  movups xmm6, [\src + \n - 32]
  movups xmm7, [\src + \n - 16]
  lea \b, [\dst + \n]
  mov \a, \dst
41:
  movups xmm0, [\src]
  movups xmm1, [\src + 16]
  movups xmm2, [\src + 32]
  movups xmm3, [\src + 48]
  movups [\a], xmm0
  movups [\a + 16], xmm1
  movups [\a + 32], xmm2
  movups [\a + 48], xmm3
  add \src, 64
  add \a, 64
  sub \n, 64
  cmp \n, 64
  ja 41b
  movups [\b - 64], xmm4
  movups [\b - 48], xmm5
  movups [\b - 32], xmm6
  movups [\b - 16], xmm7
  ret
43:
  movups xmm4, [\src]
  movups xmm5, [\src + 16]
  movups xmm6, [\src + 32]
  movups xmm7, [\src + 48]
44:
  movups xmm0, [\src + \n - 16]
  movups xmm1, [\src + \n - 32]
  movups xmm2, [\src + \n - 48]
  movups xmm3, [\src + \n - 64]
  movups [\dst + \n - 16], xmm0
  movups [\dst + \n - 32], xmm1
  movups [\dst + \n - 48], xmm2
  movups [\dst + \n - 64], xmm3
  sub \n, 64
  cmp \n, 64
  ja 44b
  movups [\dst], xmm4
  movups [\dst + 16], xmm5
  movups [\dst + 32], xmm6
  movups [\dst + 48], xmm7
  ret
50:
.endm

// RCX bytes at RDI by the processor's own means. Words that are aligned are written as such: the collector may read a pointer there
// meanwhile (what the code above stores is never less than that, of aligned blocks of whole words).
.macro by_string op
  test cl, 7
  jnz 90f
  test dil, 7
  jnz 90f
  shr rcx, 3
  rep \op\()q
  jmp 91f
90:
  rep \op\()b
91:
.endm

// RAX to, RBX from, RCX bytes
leaf_func memmove, "runtime.memmove", "reflect.memmove"
  move_block rax, rbx, rcx, rsi, esi, si, rdi, edi, dil
  mov rdi, rax
  mov rsi, rbx
  by_string movs
  ret

c_func memcpy
  .globl memmove
  .type memmove,@function
memmove:
  mov rax, rdi
  move_block rdi, rsi, rdx, rcx, ecx, cx, r8, r8d, r8b
  mov rcx, rdx
  by_string movs
  ret

// ---- Clearing. vec, low: registers that hold the byte 16 and 8 times; wide: the YMM register of vec.
.macro fill_block p, n, vec, wide, low, low4, low1, string
  cmp \n, 16
  ja 20f
  cmp \n, 8
  jae 12f
  cmp \n, 4
  jae 11f
  test \n, \n
  jz 10f
  mov [\p], \low1
  mov [\p + \n - 1], \low1
  shr \n
  mov [\p + \n], \low1
10:
  ret
11:
  mov [\p], \low4
  mov [\p + \n - 4], \low4
  ret
12:
  mov [\p], \low
  mov [\p + \n - 8], \low
  ret
20:
  cmp \n, 64
  ja 22f
  movups [\p], \vec
  movups [\p + \n - 16], \vec
  cmp \n, 32
  jbe 10b
  movups [\p + 16], \vec
  movups [\p + \n - 32], \vec
  ret
22:
  cmp \n, 128
  ja 23f
  movups [\p], \vec
  movups [\p + 16], \vec
  movups [\p + 32], \vec
  movups [\p + 48], \vec
  movups [\p + \n - 64], \vec
  movups [\p + \n - 48], \vec
  movups [\p + \n - 32], \vec
  movups [\p + \n - 16], \vec
  ret
23:
  cmp byte ptr [rip + rt_wide_vectors], 0
  je 40f
  cmp \n, kByString
  jae \string
  vinsertf128 ymm0, \wide, \vec, 1
  vmovdqu [\p], ymm0
  vmovdqu [\p + \n - 128], ymm0
  vmovdqu [\p + \n - 96], ymm0
  vmovdqu [\p + \n - 64], ymm0
  vmovdqu [\p + \n - 32], ymm0
  add \n, \p
  sub \n, 128                   // where the last 128 bytes begin
  or \p, 31
  inc \p
  jmp 25f
24:
  vmovdqa [\p], ymm0
  vmovdqa [\p + 32], ymm0
  vmovdqa [\p + 64], ymm0
  vmovdqa [\p + 96], ymm0
  sub \p, -128
25:
  cmp \p, \n
  jb 24b
  vzeroupper
  ret
40:
  cmp \n, kByString / 16
  jae \string
  movups [\p + \n - 64], \vec
  movups [\p + \n - 48], \vec
  movups [\p + \n - 32], \vec
  movups [\p + \n - 16], \vec
  add \n, \p
  sub \n, 64
41:
  movups [\p], \vec
  movups [\p + 16], \vec
  movups [\p + 32], \vec
  movups [\p + 48], \vec
  add \p, 64
  cmp \p, \n
  jb 41b
  ret
.endm

// RAX at, RBX bytes
leaf_func memclr, "runtime.memclrNoHeapPointers", "reflect.memclrNoHeapPointers"
  xor ecx, ecx
  fill_block rax, rbx, xmm15, ymm15, rcx, ecx, cl, .Lclear_string
.Lclear_string:
  mov rdi, rax
  mov rcx, rbx
  xor eax, eax
  by_string stos
  ret

c_func memset
  mov rax, rdi
  movzx ecx, sil
  mov rsi, 0x0101010101010101
  imul rcx, rsi
  movq xmm1, rcx
  punpcklqdq xmm1, xmm1
  fill_block rdi, rdx, xmm1, ymm1, rcx, ecx, cl, .Lset_string
.Lset_string:
  mov rsi, rax
  mov rax, rcx                  // eight times the byte
  mov rcx, rdx
  by_string stos
  mov rax, rsi
  ret

// ---- Equality. RAX, RBX, RCX bytes -> AL
leaf_func memequal, "runtime.memequal"
  cmp rax, rbx
  je .Lequal
  cmp rcx, 16
  ja .Lequal_16
  cmp rcx, 8
  jae .Lequal_8
  cmp rcx, 4
  jae .Lequal_4
  test rcx, rcx
  jz .Lequal
  movzx esi, byte ptr [rax]
  movzx edi, byte ptr [rbx]
  cmp esi, edi
  jne .Lunequal
  movzx esi, byte ptr [rax + rcx - 1]
  movzx edi, byte ptr [rbx + rcx - 1]
  cmp esi, edi
  jne .Lunequal
  shr rcx
  movzx esi, byte ptr [rax + rcx]
  movzx edi, byte ptr [rbx + rcx]
  cmp esi, edi
  sete al
  ret
.Lequal:
  mov eax, 1
  ret
.Lunequal:
  xor eax, eax
  ret
.Lequal_4:
  mov esi, [rax]
  xor esi, [rbx]
  mov edi, [rax + rcx - 4]
  xor edi, [rbx + rcx - 4]
  or esi, edi
  sete al
  ret
.Lequal_8:
  mov rsi, [rax]
  xor rsi, [rbx]
  mov rdi, [rax + rcx - 8]
  xor rdi, [rbx + rcx - 8]
  or rsi, rdi
  sete al
  ret
.Lequal_16:
  cmp rcx, 64
  ja .Lequal_64
  movups xmm0, [rax]
  movups xmm1, [rbx]
  pcmpeqb xmm0, xmm1
  movups xmm2, [rax + rcx - 16]
  movups xmm3, [rbx + rcx - 16]
  pcmpeqb xmm2, xmm3
  pand xmm0, xmm2
  cmp rcx, 32
  jbe .Lequal_verdict
  movups xmm4, [rax + 16]
  movups xmm5, [rbx + 16]
  pcmpeqb xmm4, xmm5
  movups xmm6, [rax + rcx - 32]
  movups xmm7, [rbx + rcx - 32]
  pcmpeqb xmm6, xmm7
  pand xmm4, xmm6
  pand xmm0, xmm4
.Lequal_verdict:
  pmovmskb esi, xmm0
  cmp esi, 0xffff
  sete al
  ret
.Lequal_64:
  cmp byte ptr [rip + rt_wide_vectors], 0
  je .Lequal_narrow
  lea rsi, [rax + rcx - 64]     // the last 64 bytes
  lea rdi, [rbx + rcx - 64]
.Lequal_wide_turn:
  vmovdqu ymm0, [rax]
  vmovdqu ymm1, [rax + 32]
  vpcmpeqb ymm0, ymm0, [rbx]
  vpcmpeqb ymm1, ymm1, [rbx + 32]
  vpand ymm0, ymm0, ymm1
  vpmovmskb ecx, ymm0
  inc ecx
  jnz .Lunequal_wide
  add rax, 64
  add rbx, 64
  cmp rax, rsi
  jb .Lequal_wide_turn
  vmovdqu ymm0, [rsi]
  vmovdqu ymm1, [rsi + 32]
  vpcmpeqb ymm0, ymm0, [rdi]
  vpcmpeqb ymm1, ymm1, [rdi + 32]
  vpand ymm0, ymm0, ymm1
  vpmovmskb ecx, ymm0
  vzeroupper
  cmp ecx, -1
  sete al
  ret
.Lunequal_wide:
  vzeroupper
  xor eax, eax
  ret
.Lequal_narrow:
  lea rsi, [rax + rcx - 16]
  lea rdi, [rbx + rcx - 16]
.Lequal_narrow_turn:
  movups xmm0, [rax]
  movups xmm1, [rbx]
  pcmpeqb xmm0, xmm1
  pmovmskb ecx, xmm0
  cmp ecx, 0xffff
  jne .Lunequal
  add rax, 16
  add rbx, 16
  cmp rax, rsi
  jb .Lequal_narrow_turn
  movups xmm0, [rsi]
  movups xmm1, [rdi]
  pcmpeqb xmm0, xmm1
  jmp .Lequal_verdict

// ---- Order. RAX RBX: bytes and their number, RCX RDI: the same -> RAX: -1, 0, 1
leaf_func comparebytes, "internal/bytealg.Compare"
  mov rcx, rdi
  mov rdi, rsi
  jmp .Lcompare

leaf_func cmpstring, "runtime.cmpstring", "internal/bytealg.abigen_runtime_cmpstring"
.Lcompare:
  mov rsi, rbx
  cmp rdi, rbx
  cmovb rsi, rdi                // the shorter
  cmp rax, rcx
  je .Lcompare_lengths
  cmp rsi, 16
  jb .Lcompare_short
  cmp rsi, 64
  jae .Lcompare_long
.Lcompare_16:                   // 16 and more
  movups xmm0, [rax]
  movups xmm1, [rcx]
  pcmpeqb xmm0, xmm1
  pmovmskb esi, xmm0
  xor esi, 0xffff
  jnz .Lcompare_differ
  // As far as both go on.
  sub rbx, 16
  sub rdi, 16
  add rax, 16
  add rcx, 16
  mov rsi, rbx
  cmp rdi, rbx
  cmovb rsi, rdi
  cmp rsi, 16
  jae .Lcompare_16
  test rsi, rsi
  jz .Lcompare_lengths
  // What is left, with bytes before it that are equal.
  movups xmm0, [rax + rsi - 16]
  movups xmm1, [rcx + rsi - 16]
  lea rax, [rax + rsi - 16]
  lea rcx, [rcx + rsi - 16]
  pcmpeqb xmm0, xmm1
  pmovmskb esi, xmm0
  xor esi, 0xffff
  jz .Lcompare_lengths
.Lcompare_differ:
  bsf esi, esi
  movzx eax, byte ptr [rax + rsi]
  movzx ecx, byte ptr [rcx + rsi]
.Lcompare_verdict:              // RAX against RCX, which differ
  cmp rax, rcx
  sbb rax, rax
  or rax, 1
  ret
.Lcompare_lengths:
  xor eax, eax
  xor ecx, ecx
  cmp rbx, rdi
  seta al
  setb cl
  sub rax, rcx
  ret
.Lcompare_short:
  cmp rsi, 8
  jae .Lcompare_8
  cmp rsi, 4
  jae .Lcompare_4
  test rsi, rsi
  jz .Lcompare_lengths
  cmp rsi, 2
  jb .Lcompare_1
  // 2 or 3: the first two as one number, then the last.
  movzx edx, word ptr [rax]
  rol dx, 8
  shl edx, 8
  movzx eax, byte ptr [rax + rsi - 1]
  or eax, edx
  movzx edx, word ptr [rcx]
  rol dx, 8
  shl edx, 8
  movzx ecx, byte ptr [rcx + rsi - 1]
  or ecx, edx
  cmp rax, rcx
  jne .Lcompare_verdict
  jmp .Lcompare_lengths
.Lcompare_1:
  movzx eax, byte ptr [rax]
  movzx ecx, byte ptr [rcx]
  cmp rax, rcx
  jne .Lcompare_verdict
  jmp .Lcompare_lengths
.Lcompare_4:
  mov edx, [rax]
  mov eax, [rax + rsi - 4]
  bswap edx
  bswap eax
  shl rdx, 32
  or rax, rdx
  mov edx, [rcx]
  mov ecx, [rcx + rsi - 4]
  bswap edx
  bswap ecx
  shl rdx, 32
  or rcx, rdx
  cmp rax, rcx
  jne .Lcompare_verdict
  jmp .Lcompare_lengths
.Lcompare_8:
  mov rdx, [rax]
  cmp rdx, [rcx]
  je .Lcompare_second_8
  mov rax, rdx
  mov rcx, [rcx]
  jmp .Lcompare_words
.Lcompare_second_8:
  mov rax, [rax + rsi - 8]
  mov rcx, [rcx + rsi - 8]
.Lcompare_words:
  bswap rax
  bswap rcx
  cmp rax, rcx
  jne .Lcompare_verdict
  jmp .Lcompare_lengths
.Lcompare_long:                 // 64 and more
  cmp byte ptr [rip + rt_wide_vectors], 0
  je .Lcompare_16
.Lcompare_wide_turn:
  vmovdqu ymm0, [rax]
  vmovdqu ymm1, [rax + 32]
  vpcmpeqb ymm0, ymm0, [rcx]
  vpcmpeqb ymm1, ymm1, [rcx + 32]
  vpand ymm2, ymm0, ymm1
  vpmovmskb esi, ymm2
  inc esi
  jnz .Lcompare_wide_differ
  sub rbx, 64
  sub rdi, 64
  add rax, 64
  add rcx, 64
  mov rsi, rbx
  cmp rdi, rbx
  cmovb rsi, rdi
  cmp rsi, 64
  jae .Lcompare_wide_turn
  test rsi, rsi
  jz .Lcompare_wide_lengths
  // What is left, with bytes before it that are equal.
  lea rax, [rax + rsi - 64]
  lea rcx, [rcx + rsi - 64]
  vmovdqu ymm0, [rax]
  vmovdqu ymm1, [rax + 32]
  vpcmpeqb ymm0, ymm0, [rcx]
  vpcmpeqb ymm1, ymm1, [rcx + 32]
  vpand ymm2, ymm0, ymm1
  vpmovmskb esi, ymm2
  inc esi
  jz .Lcompare_wide_lengths
.Lcompare_wide_differ:
  vpmovmskb esi, ymm0
  not esi
  test esi, esi
  jnz .Lcompare_wide_found
  vpmovmskb esi, ymm1
  not esi
  add rax, 32
  add rcx, 32
.Lcompare_wide_found:
  vzeroupper
  jmp .Lcompare_differ
.Lcompare_wide_lengths:
  vzeroupper
  jmp .Lcompare_lengths

// ---- A byte. RAX: bytes, RBX: their number; the byte in RDI (slice) or RCX (string) -> RAX: index or -1
leaf_func indexbyte, "internal/bytealg.IndexByte", "runtime.indexbyte"
  mov ecx, edi
  jmp .Lindex

leaf_func indexbytestring, "internal/bytealg.IndexByteString", "runtime.indexbytestring"
.Lindex:
  movzx ecx, cl
  imul ecx, ecx, 0x01010101
  movd xmm0, ecx
  pshufd xmm0, xmm0, 0
  cmp rbx, 16
  jb .Lindex_short
  mov rsi, rax
  lea rdi, [rax + rbx - 16]     // the last 16 bytes
  cmp rbx, 64
  jae .Lindex_long
.Lindex_turn:
  movups xmm1, [rsi]
  pcmpeqb xmm1, xmm0
  pmovmskb ecx, xmm1
  test ecx, ecx
  jnz .Lindex_found
  add rsi, 16
  cmp rsi, rdi
  jb .Lindex_turn
  mov rsi, rdi
  movups xmm1, [rsi]
  pcmpeqb xmm1, xmm0
  pmovmskb ecx, xmm1
  test ecx, ecx
  jz .Lindex_none
.Lindex_found:
  bsf ecx, ecx
  sub rsi, rax
  lea rax, [rsi + rcx]
  ret
.Lindex_none:
  mov rax, -1
  ret
.Lindex_short:
  test rbx, rbx
  jz .Lindex_none
  mov ecx, eax
  and ecx, 4095
  cmp ecx, 4080
  ja .Lindex_page_end
  movups xmm1, [rax]
  pcmpeqb xmm1, xmm0
  pmovmskb ecx, xmm1
  bsf ecx, ecx
  jz .Lindex_none
  cmp ecx, ebx
  jae .Lindex_none
  mov eax, ecx
  ret
.Lindex_page_end:               // 16 bytes up to the end of the block lie in the page
  movups xmm1, [rax + rbx - 16]
  pcmpeqb xmm1, xmm0
  pmovmskb esi, xmm1
  mov ecx, 16
  sub ecx, ebx
  shr esi, cl
  bsf eax, esi
  jz .Lindex_none
  ret
.Lindex_long:
  cmp byte ptr [rip + rt_wide_vectors], 0
  je .Lindex_turn
  vinsertf128 ymm0, ymm0, xmm0, 1
  lea rdi, [rax + rbx - 64]     // the last 64 bytes
.Lindex_wide_turn:
  vpcmpeqb ymm1, ymm0, [rsi]
  vpcmpeqb ymm2, ymm0, [rsi + 32]
  vpor ymm3, ymm1, ymm2
  vptest ymm3, ymm3
  jnz .Lindex_wide_found
  add rsi, 64
  cmp rsi, rdi
  jb .Lindex_wide_turn
  mov rsi, rdi
  vpcmpeqb ymm1, ymm0, [rsi]
  vpcmpeqb ymm2, ymm0, [rsi + 32]
  vpor ymm3, ymm1, ymm2
  vptest ymm3, ymm3
  jnz .Lindex_wide_found
  vzeroupper
  mov rax, -1
  ret
.Lindex_wide_found:
  vpmovmskb ecx, ymm1
  vpmovmskb edi, ymm2
  vzeroupper
  shl rdi, 32
  or rcx, rdi
  bsf rcx, rcx
  sub rsi, rax
  lea rax, [rsi + rcx]
  ret

// Set by the start of the process: AVX2 and POPCNT, and the system keeps the wide registers.
.section ".data.rt_wide_vectors","aw",@progbits
.globl rt_wide_vectors
.type rt_wide_vectors,@object
rt_wide_vectors:
  .byte 0
.size rt_wide_vectors, 1

.section .note.GNU-stack,"",@progbits
