// map_amd64.S: what generated code does most with maps whose keys are words of 4 or 8 bytes: lookup, and assignment to a key that is
// there or for which its bucket has room. For the design of maps see map/map.h; for hashes base/abi/hash.def.
//
// Lookups are LEAF rows of gates.def: see memory_amd64.S for their rules. Assignments stand in front of their gates (flag `front`):
// entered with the gate's arguments, they either return the element's address or go on to the gate with all as it was.
// All of it looks at memory of the map alone: no barrier is needed, since what is overwritten is zero.

.intel_syntax noprefix
#define FIELD(record, name, offset) .set record##_##name, offset
#define CONST(name, value) .set k##name, value
#include "base/abi/layout.def"
#undef CONST
#define HASH_CONST(name, value) .set kHash##name, value
#include "base/abi/hash.def"

.set kTopsEmptyRest, kTopEmptyRest * 0x01010101

.macro map_func name, alias=none
  .section ".text.asm.\name","ax",@progbits
  .p2align 4
  .quad 0x425553455441474C      // StubInfo (panic/unwind.h): no frame
  .byte 0, 0
  .short 0
  .byte 0, 5
  .short 0
.ifnc \alias,none
  .globl "\alias"
  .type "\alias",@function
"\alias":
.endif
  .globl "\name"
  .type "\name",@function
"\name":
.endm

// rax = hash of the word rdi in the map rbx. rcx, rdx are lost.
.macro hash_word
  mov rdx, [rbx + HMap_seed]
  movabs rcx, kHashMultiplier
  xor rdx, rdi
  mov rax, rdx
  rol rax, 32
  xor rax, rcx
  mul rdx
  xor rax, rdx
.endm

// rdx = the bucket of hash rax in the array at [rbx + array] of 1 << cl buckets. The map's type is rsi.
.macro bucket_of array
  mov edx, 1
  shl rdx, cl
  dec rdx
  and rdx, rax
  imul rdx, [rsi + MapType_bucket_size]
  add rdx, [rbx + \array]
.endm

// xmm0 = eight times the tophash byte of hash rax, and eight more: no byte of it is 0. rcx is lost.
.macro spread_top
  shr rax, 56
  lea ecx, [rax + kTopMin]
  cmp eax, kTopMin
  cmovb eax, ecx
  imul eax, eax, 0x01010101
  movd xmm0, eax
  pshufd xmm0, xmm0, 0
.endm

// Searches the chain rdx for the key rdi of \bytes bytes and tophash xmm0: falls through with bucket rdx and slot rax if it is there, else
// goes to \absent. rcx is lost. The overflow pointer lies in another cache line than the tophash bytes: they are asked first whether
// anything follows.
.macro find_word key, bytes, absent
1:
  movq xmm1, [rdx]
  movdqa xmm2, xmm0
  pcmpeqb xmm2, xmm1
  pmovmskb ecx, xmm2            // the upper bytes of xmm1 are 0, those of xmm0 are not
  test ecx, ecx
  jz 3f
2:
  tzcnt eax, ecx                // or bsf, which it is on old processors: the same here
  cmp \key, [rdx + rax * \bytes + kBucketKeys]
  je 4f
  lea eax, [rcx - 1]
  and ecx, eax
  jnz 2b
3:
  pxor xmm2, xmm2               // kTopEmptyRest
  pcmpeqb xmm1, xmm2
  pmovmskb ecx, xmm1
  test cl, cl
  jnz \absent
  mov rcx, [rsi + MapType_bucket_size]
  mov rdx, [rdx + rcx - 8]
  test rdx, rdx
  jnz 1b
  jmp \absent
4:
.endm

// rax = address of element rax of bucket rdx. rcx is lost.
.macro element_address
  mov rcx, [rsi + MapType_elem]
  imul rax, [rcx + Type_size_]
  add rax, [rsi + MapType_elem_off]
  add rax, rdx
.endm

// ---- lookup: rax type, rbx map, rcx key -> rax element, or runtime.zeroVal; rbx (of mapaccess2): found

.macro lookup_word name, key, bytes, with_ok
map_func "runtime.\name"
  test rbx, rbx
  jz 99f
  cmp qword ptr [rbx + HMap_count], 0
  je 99f
  test byte ptr [rbx + HMap_flags], kMapWriting
  jnz 98f
  mov rsi, rax
.if \bytes == 4
  mov edi, ecx
.else
  mov rdi, rcx
.endif
  hash_word
  movzx ecx, byte ptr [rbx + HMap_B]
  cmp qword ptr [rbx + HMap_oldbuckets], 0
  jne 96f
95:
  bucket_of HMap_buckets
97:
  spread_top
  find_word \key, \bytes, 99f
  element_address
.if \with_ok
  mov ebx, 1
.endif
  ret
99:
  lea rax, [rip + "runtime.zeroVal"]
.if \with_ok
  xor ebx, ebx
.endif
  ret
96:                             // growing: in the old bucket, unless that has been moved
  test byte ptr [rbx + HMap_flags], kMapSameSizeGrow
  jnz 94f
  dec ecx
94:
  bucket_of HMap_oldbuckets
  movzx ecx, byte ptr [rdx]
  sub ecx, kTopEvacuatedX
  cmp ecx, kTopEvacuatedEmpty - kTopEvacuatedX
  ja 97b
  movzx ecx, byte ptr [rbx + HMap_B]
  jmp 95b
98:
  jmp "runtime.mapReadConflict"
.size "runtime.\name", . - "runtime.\name"
.endm

lookup_word mapaccess1_fast32, edi, 4, 0
lookup_word mapaccess2_fast32, edi, 4, 1
lookup_word mapaccess1_fast64, rdi, 8, 0
lookup_word mapaccess2_fast64, rdi, 8, 1

// ---- assignment: rax type, rbx map, rcx key -> rax element

.macro assign_word name, key, bytes
  test rbx, rbx
  jz 99f
  cmp qword ptr [rbx + HMap_buckets], 0
  je 99f
  cmp qword ptr [rbx + HMap_oldbuckets], 0
  jne 99f
  test byte ptr [rbx + HMap_flags], kMapWriting
  jnz 99f
  mov rsi, rax
  mov r8, rcx
.if \bytes == 4
  mov edi, ecx
.else
  mov rdi, rcx
.endif
  hash_word
  movzx ecx, byte ptr [rbx + HMap_B]
  bucket_of HMap_buckets
  mov r9, rdx
  spread_top
  find_word \key, \bytes, 90f
  element_address
  ret
90:                             // absent. Not for here: growth, and a bucket without a free slot
  movzx ecx, byte ptr [rbx + HMap_B]
  mov edx, 13                   // 6.5 entries a bucket
  shl rdx, cl
  shr rdx, 1
  mov rdi, [rbx + HMap_count]
  cmp rdi, rdx
  jb 91f
  cmp rdi, kBucketCount
  jae 98f
91:
  mov edx, 15
  cmp ecx, edx
  cmova ecx, edx
  movzx edx, word ptr [rbx + HMap_noverflow]
  shr edx, cl
  jnz 98f
  movq xmm1, [r9]
  pcmpeqb xmm2, xmm2
  pxor xmm3, xmm3
  psubb xmm3, xmm2              // kTopEmptyOne
  pminub xmm3, xmm1
  pcmpeqb xmm3, xmm1
  pmovmskb edx, xmm3
  tzcnt edx, edx                // some bit is set, if only above the bucket's
  cmp edx, kBucketCount
  jae 98f
  inc rdi
  mov [rbx + HMap_count], rdi
.if \bytes == 4
  mov [r9 + rdx * 4 + kBucketKeys], r8d
.else
  mov [r9 + rdx * 8 + kBucketKeys], r8
.endif
  movd eax, xmm0
  mov [r9 + rdx], al
  mov rax, [rsi + MapType_elem]
  imul rdx, [rax + Type_size_]
  mov rax, [rsi + MapType_elem_off]
  add rax, rdx
  add rax, r9
  ret
98:
  mov rax, rsi
  mov rcx, r8
99:
  jmp rt_gate_\name
.endm

map_func "runtime.mapassign_fast32"
  assign_word mapassign_fast32, edi, 4
.size "runtime.mapassign_fast32", . - "runtime.mapassign_fast32"

map_func "runtime.mapassign_fast64" "runtime.mapassign_fast64ptr"
  assign_word mapassign_fast64, rdi, 8
.size "runtime.mapassign_fast64", . - "runtime.mapassign_fast64"

.section .note.GNU-stack,"",@progbits
