// freestanding.S: a program without compiler and overlay: what symbols.def lists, by hand. runtime.main starts a second goroutine with
// newproc, which prints and wakes the first over a channel; then it exits with 42.
.intel_syntax noprefix

.text
.globl "runtime.main"
.type "runtime.main",@function
"runtime.main":
  push rbp
  mov rbp, rsp
  sub rsp, 32
  lea rax, [rip + chan_type]
  xor ebx, ebx
  call "runtime.makechan"
  mov [rip + channel], rax
  lea rax, [rip + worker_closure]
  call "runtime.newproc"
  mov rax, [rip + channel]
  lea rbx, [rip + received]
  call "runtime.chanrecv1"
  call "runtime.printlock"
  lea rax, [rip + text]
  mov ebx, 15
  call "runtime.printstring"
  mov rax, [rip + received]
  call "runtime.printint"
  call "runtime.printnl"
  call "runtime.printunlock"
  mov eax, 1
  xor ebx, ebx
  call "runtime.gcRun"
  mov eax, 42
  call "runtime.exit"
  ud2

worker:
  push rbp
  mov rbp, rsp
  mov rax, [rip + channel]
  lea rbx, [rip + seven]
  call "runtime.chansend1"
  pop rbp
  ret

.globl "runtime.gateslow"
.globl "runtime.sigpanic"
.globl "runtime.timerCall"
.globl "runtime.unreachableMethod"
"runtime.gateslow":
"runtime.sigpanic":
"runtime.timerCall":
"runtime.unreachableMethod":
  ud2
.globl "runtime.goexit1"
"runtime.goexit1":
  push rbp
  mov rbp, rsp
  call "runtime.goexit0"
  ud2
.globl "reflect.moveMakeFuncArgPtrs"
.globl "reflect.callReflect"
.globl "reflect.callMethod"
"reflect.moveMakeFuncArgPtrs":
"reflect.callReflect":
"reflect.callMethod":
  ud2

.data
.balign 8
worker_closure: .quad worker
seven: .quad 7
received: .quad 0
channel: .quad 0
text: .ascii "hello from g1: "
.balign 8
elem_type: .quad 8, 0
  .long 0
  .byte 8, 8, 8, 2
  .quad 0, 0
  .long 0, 0
chan_type: .quad 8, 8
  .long 0
  .byte 0, 8, 8, 18
  .quad 0, 0
  .long 0, 0
  .quad elem_type, 3
.balign 8
.globl "runtime.gale_module"
"runtime.gale_module":
  .quad 0x31444f4d454c4147, 0
  .quad 0, 0                  // no text range: this program has no function table
  .fill 44, 8, 0
.section .note.GNU-stack,"",@progbits
