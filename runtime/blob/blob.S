// blob.S: the bytes of gale_runtime.o.
.section .rodata
.balign 16
.globl gale_runtime_object_begin
gale_runtime_object_begin:
.incbin OBJECT_FILE
.globl gale_runtime_object_end
gale_runtime_object_end:
.section .note.GNU-stack,"",@progbits
