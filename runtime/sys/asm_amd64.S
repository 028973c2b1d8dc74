// asm_amd64.S: entry of the process, switches of stack, and the ASM and PRESERVE rows of gates.def.
// Rows that Go calls are entered with ABIInternal registers; rt_* symbols are called by C++ with SysV registers.

.intel_syntax noprefix
#define FIELD(record, name, offset) .set record##_##name, offset
#define CONST(name, value) .set k##name, value
#include "base/abi/layout.def"


// GAS has no way to paste a quoted name into a section name with slashes safely, so the macro takes both.
.macro go_func section, name
  .section ".text.asm.\section","ax",@progbits
  .p2align 4
  .globl "\name"
  .type "\name",@function
"\name":
.endm

// G.sched: this frame, to go on at R12; not in a gate.
.macro save_sched
  mov [r14 + G_sched_pc], r12
  mov [r14 + G_sched_sp], rsp
  mov [r14 + G_sched_bp], rbp
  mov word ptr [r14 + G_gate], -1
.endm

// ---- Process entry: the kernel's stack has argc, argv, envp, auxv.
go_func rt0, "_rt0_amd64_linux"
  mov rdi, rsp
  xor ebp, ebp
  and rsp, -16
  call rt_start
  ud2

// void rt_call_on(uptr sp, void (*fn)(void*), void* arg): never returns here.
go_func rt_call_on, "rt_call_on"
  mov rsp, rdi
  xor ebp, ebp
  mov rdi, rdx
  call rsi
  ud2

// void rt_gogo(G*): go on where g.sched says.
go_func rt_gogo, "rt_gogo"
  mov r14, rdi
  mov rdx, [r14 + G_sched_ctxt]
  mov rsp, [r14 + G_sched_sp]
  mov rbp, [r14 + G_sched_bp]
  mov qword ptr [r14 + G_sched_ctxt], 0
  xorps xmm15, xmm15
  jmp qword ptr [r14 + G_sched_pc]

// runtime.recoverTo(sp, pc, bp, value)
go_func recovery, "runtime.recoverTo"
  mov rsp, rax
  mov rbp, rcx
  mov rax, rdi
  xorps xmm15, xmm15
  jmp rbx

// The first frame of every goroutine returns to goexit + 1.
go_func goexit, "runtime.goexit"
  nop
  call "runtime.goexit1"
  ud2

// ---- Stack growth. [rsp] = pc in the cold tail of f, above it f's return address; register arguments are in the spill area.
go_func morestack_noctxt, "runtime.morestack_noctxt"
  xor edx, edx
  jmp "runtime.morestack"

go_func morestack, "runtime.morestack"
  pop r12
  mov [r14 + G_sched_ctxt], rdx
  save_sched
  mov r12, [r14 + G_m]
  mov rsp, [r12 + M_g0sp]
  mov rdi, r14
  call rt_newstack
  ud2

// ---- procPin, procUnpin: the goroutine stays on its P in between.
.macro also name, first
  .globl "\name"
  .type "\name",@function
  .set "\name", "\first"
.endm

go_func proc_pin, "sync.runtime_procPin"
  also "sync/atomic.runtime_procPin", "sync.runtime_procPin"
  also "runtime.procPin", "sync.runtime_procPin"
  mov rcx, [r14 + G_m]
  mov rax, [r14 + G_p]
  inc dword ptr [rcx + M_locks]
  mov eax, [rax + P_id]
  ret

go_func proc_unpin, "sync.runtime_procUnpin"
  also "sync/atomic.runtime_procUnpin", "sync.runtime_procUnpin"
  also "runtime.procUnpin", "sync.runtime_procUnpin"
  mov rcx, [r14 + G_m]
  dec dword ptr [rcx + M_locks]
  jnz 1f
  test byte ptr [r14 + G_edge], 2     // asked to yield meanwhile: at the next check
  jz 1f
  movabs rax, kStackPreempt
  mov [r14 + G_stackguard0], rax
1:
  ret

// ---- Write barrier: R11 = what a store is about to overwrite goes to P.wbbuf, which has room for it and is emptied when it is full.
// All other registers are kept.
go_func wb, "runtime.gcWriteBarrier"
  test r11, r11
  jz 1f
  push r12
  push r13
  mov r12, [r14 + G_p]
  mov r13, [r12 + P_wbbuf_next]
  mov [r13], r11
  add r13, 8
  mov [r12 + P_wbbuf_next], r13
  cmp r13, [r12 + P_wbbuf_end]
  je .Lflush
.Lput:
  pop r13
  pop r12
1:
  ret
.Lflush:  // all registers are saved on g0
  mov r12, rsp
  mov r13, [r14 + G_m]
  mov rsp, [r13 + M_g0sp]
  push r12
  push rax
  push rbx
  push rcx
  push rdx
  push rsi
  push rdi
  push rbp
  push r8
  push r9
  push r10
  push r15
  sub rsp, 256
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
  movups [rsp + \i * 16], xmm\i
  .endr
  mov rdi, r14
  call rt_wb_flush
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
  movups xmm\i, [rsp + \i * 16]
  .endr
  add rsp, 256
  pop r15
  pop r10
  pop r9
  pop r8
  pop rbp
  pop rdi
  pop rsi
  pop rdx
  pop rcx
  pop rbx
  pop rax
  pop rsp
  jmp .Lput

// ---- Threads. i64 rt_clone(flags, stack, M* m, void (*fn)(M*), void* tls, u32* ended): the child calls fn(m) on its stack.
go_func rt_clone, "rt_clone"
  push r12
  push r13
  mov r12, rdx
  mov r13, rcx
  mov r10, r9
  xor edx, edx
  mov eax, 56
  syscall
  test rax, rax
  jz 1f
  pop r13
  pop r12
  ret
1:
  xor ebp, ebp
  mov rdi, r12
  call r13
  ud2

// ---- Preemption by signal: entered as if the interrupted instruction had called it, so everything is kept. Generated code uses no
// more of the vector state than the XMM registers. The frame is scanned conservatively (panic/unwind.cpp).
go_func async_preempt, "runtime.asyncPreempt"
  push rbp
  mov rbp, rsp
  pushfq
  cld
  push rax
  push rbx
  push rcx
  push rdx
  push rsi
  push rdi
  push r8
  push r9
  push r10
  push r11
  push r12
  push r13
  push r15
  lea rsp, [rsp - 264]
  stmxcsr [rsp + 256]
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
  movups [rsp + \i * 16], xmm\i
  .endr
  lea r12, [rip + .Lasync_back]
  save_sched
  mov r12, [r14 + G_m]
  mov rsp, [r12 + M_g0sp]
  mov rdi, r14
  call rt_async_preempt
  ud2
.Lasync_back:
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
  movups xmm\i, [rsp + \i * 16]
  .endr
  ldmxcsr [rsp + 256]
  lea rsp, [rsp + 264]
  pop r15
  pop r13
  pop r12
  pop r11
  pop r10
  pop r9
  pop r8
  pop rdi
  pop rsi
  pop rdx
  pop rcx
  pop rbx
  pop rax
  popfq
  pop rbp
  ret
.size "runtime.asyncPreempt", . - "runtime.asyncPreempt"

// ---- Reflection.
// runtime.reflectcall(type, fn, stackArgs, stackArgsSize, stackRetOffset, frameSize, *RegArgs). Its seven words lie just below
// the saved RBP and are described by the StubInfo before the entry, so it may grow the stack: the same form as a gate.
.section ".text.asm.reflectcall","ax",@progbits
.p2align 4
.quad 0x425553455441474C
.byte 7, 0
.short 0x47
.byte 0, 2
.short 0
.globl "runtime.reflectcall"
.globl "reflect.call"
.type "runtime.reflectcall",@function
.type "reflect.call",@function
"runtime.reflectcall":
"reflect.call":
  push rbp
  mov rbp, rsp
  push r9
  push r8
  push rsi
  push rdi
  push rcx
  push rbx
  push rax
.Lcheck:
  mov r8d, [rsp + 40]
  lea r12, [r8 + 256]
  mov r13, rsp
  sub r13, r12
  jb .Lgrow
  cmp r13, [r14 + G_stackguard0]
  jbe .Lgrow
  add r8, 7
  and r8, -8
  mov rsi, [rsp + 16]       // stackArgs
  mov ecx, [rsp + 24]
  mov rdx, [rsp + 8]        // fn
  mov r12, [rsp + 48]       // RegArgs
  sub rsp, r8
  mov rdi, rsp
  rep movsb
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
  movsd xmm\i, [r12 + RegArgs_floats + \i * 8]
  .endr
  mov rax, [r12]
  mov rbx, [r12 + 8]
  mov rcx, [r12 + 16]
  mov rdi, [r12 + 24]
  mov rsi, [r12 + 32]
  mov r8, [r12 + 40]
  mov r9, [r12 + 48]
  mov r10, [r12 + 56]
  mov r11, [r12 + 64]
  call [rdx]
  mov r12, [rbp - 8]        // RegArgs: the stack may have moved
  mov [r12], rax
  mov [r12 + 8], rbx
  mov [r12 + 16], rcx
  mov [r12 + 24], rdi
  mov [r12 + 32], rsi
  mov [r12 + 40], r8
  mov [r12 + 48], r9
  mov [r12 + 56], r10
  mov [r12 + 64], r11
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
  movsd [r12 + RegArgs_floats + \i * 8], xmm\i
  .endr
  movzx eax, word ptr [r12 + RegArgs_return_is_ptr]
  xor ecx, ecx
.Lptrs:
  bt eax, ecx
  jnc .Lnext
  mov rdx, [r12 + rcx * 8]
  mov [r12 + RegArgs_ptrs + rcx * 8], rdx
.Lnext:
  inc ecx
  cmp ecx, 9
  jb .Lptrs
  mov edx, [rbp - 24]       // stackRetOffset
  mov ecx, [rbp - 32]       // stackArgsSize
  sub ecx, edx
  jbe .Lout
  mov rdi, [rbp - 40]       // stackArgs
  add rdi, rdx
  lea rsi, [rsp + rdx]
  mov rax, [rbp - 56]       // type: pointers go through the barrier
  test rax, rax
  jnz .Ltyped
  rep movsb
.Lout:
  xorps xmm15, xmm15
  leave
  ret
.Ltyped:                    // rt_reflectcall_results(G*, type, dst, src, size, ret offset) on g0; no edge here
  mov r8d, ecx
  mov r9d, edx
  mov rcx, rsi
  mov rdx, rdi
  mov rsi, rax
  call .Lon_g0_results
  jmp .Lout
.Lon_g0_results:
  mov r12, rsp
  mov r13, [r14 + G_m]
  mov rsp, [r13 + M_g0sp]
  mov rdi, r14
  push r12
  push r12
  call rt_reflectcall_results
  pop rsp
  ret
.Lgrow:
  lea r12, [rip + .Lcheck]
  save_sched
  mov r12, [r14 + G_m]
  mov esi, [rsp + 40]
  mov rsp, [r12 + M_g0sp]
  mov rdi, r14
  call rt_grow_for_call     // (G*, bytes): copies the stack, then gogo to .Lcheck
  ud2
.size "runtime.reflectcall", . - "runtime.reflectcall"

// reflect.makeFuncStub and methodValueCall: code of closures that reflect makes; RDX = *makeFuncImpl or *methodValue.
// Frame below RBP: [rbp-8] context, [rbp-16] retValid byte, RegArgs at [rbp-288, rbp-16). Unwound by rt_stub_frame rules (unwind.cpp).
.macro reflect_stub section, name, target
  .section ".text.asm.\section","ax",@progbits
  .p2align 4
  .quad 0x425553455441474C
  .byte 0, 0
  .short 0
  .byte 0, 4
  .short 0
  .globl "\name"
  .type "\name",@function
"\name":
  push rbp
  mov rbp, rsp
  sub rsp, 320                // RegArgs, below it the spill area of four arguments
  mov [rbp - 8], rdx
  mov qword ptr [rbp - 16], 0
  mov [rbp - 288], rax
  mov [rbp - 280], rbx
  mov [rbp - 272], rcx
  mov [rbp - 264], rdi
  mov [rbp - 256], rsi
  mov [rbp - 248], r8
  mov [rbp - 240], r9
  mov [rbp - 232], r10
  mov [rbp - 224], r11
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
  movsd [rbp - 216 + \i * 8], xmm\i
  .endr
  .irp i,0,1,2,3,4,5,6,7,8
  mov qword ptr [rbp - 96 + \i * 8], 0
  .endr
  mov qword ptr [rbp - 24], 0
  mov rax, rdx
  lea rbx, [rbp - 288]
  call "reflect.moveMakeFuncArgPtrs"
  mov rax, [rbp - 8]
  lea rbx, [rbp + 16]
  lea rcx, [rbp - 16]
  lea rdi, [rbp - 288]
  call "\target"
  .irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14
  movsd xmm\i, [rbp - 216 + \i * 8]
  .endr
  mov rax, [rbp - 288]
  mov rbx, [rbp - 280]
  mov rcx, [rbp - 272]
  mov rdi, [rbp - 264]
  mov rsi, [rbp - 256]
  mov r8, [rbp - 248]
  mov r9, [rbp - 240]
  mov r10, [rbp - 232]
  mov r11, [rbp - 224]
  xorps xmm15, xmm15
  leave
  ret
  .size "\name", . - "\name"
.endm
reflect_stub make_func_stub, "reflect.makeFuncStub", "reflect.callReflect"
reflect_stub method_value_call, "reflect.methodValueCall", "reflect.callMethod"

// ---- System calls and CPU queries.
go_func syscall6, "internal/runtime/syscall/linux.Syscall6"
  mov rdx, rdi
  mov r10, rsi
  mov rdi, rbx
  mov rsi, rcx
  syscall
  cmp rax, -4095
  jae 1f
  mov rbx, rdx
  xor ecx, ecx
  ret
1:
  neg rax
  mov rcx, rax
  mov rax, -1
  xor ebx, ebx
  ret

go_func raw_vfork, "syscall.rawVforkSyscall"
  mov rdx, rdi
  mov rdi, rbx
  mov rsi, rcx
  xor r10d, r10d
  xor r8d, r8d
  xor r9d, r9d
  pop r12                   // the child runs on this stack before the parent returns
  syscall
  push r12
  xor ebx, ebx
  cmp rax, -4095
  jae 1f
  ret
1:
  neg rax
  mov rbx, rax
  mov rax, -1
  ret

go_func raw_no_error, "syscall.rawSyscallNoError"
  mov rdx, rdi
  mov rdi, rbx
  mov rsi, rcx
  xor r10d, r10d
  xor r8d, r8d
  xor r9d, r9d
  syscall
  mov rbx, rdx
  ret

go_func gettimeofday, "syscall.gettimeofday"
  mov rdi, rax
  xor esi, esi
  mov eax, 96
  syscall
  neg rax
  ret

go_func cpuid, "internal/cpu.cpuid"
  .globl "vendor/golang.org/x/sys/cpu.cpuid"
  .type "vendor/golang.org/x/sys/cpu.cpuid",@function
  .set "vendor/golang.org/x/sys/cpu.cpuid", "internal/cpu.cpuid"
  mov ecx, ebx
  cpuid
  mov edi, edx
  ret

go_func xgetbv, "internal/cpu.xgetbv"
  .globl "vendor/golang.org/x/sys/cpu.xgetbv"
  .type "vendor/golang.org/x/sys/cpu.xgetbv",@function
  .set "vendor/golang.org/x/sys/cpu.xgetbv", "internal/cpu.xgetbv"
  xor ecx, ecx
  xgetbv
  mov ebx, edx
  ret

go_func goamd64level, "internal/cpu.getGOAMD64level"
  mov eax, 1
  ret

// Where the fault handler sends the thread: registers are those of the fault, but Go's fixed ones are set again.
go_func rt_enter_sigpanic, "rt_enter_sigpanic"
  xorps xmm15, xmm15
  cld
  jmp "runtime.sigpanic"

// Return from a signal handler.
go_func rt_sigreturn, "rt_sigreturn"
  mov eax, 15
  syscall
  ud2

.section .note.GNU-stack,"",@progbits
