// blob.S: the bytes of gale_runtime.o and of the object of prof/.
.section .rodata
.balign 16
.globl gale_runtime_object_begin
gale_runtime_object_begin:
.incbin OBJECT_FILE
.globl gale_runtime_object_end
gale_runtime_object_end:
.balign 16
.globl gale_runtime_profile_begin
gale_runtime_profile_begin:
.incbin PROFILE_FILE
.globl gale_runtime_profile_end
gale_runtime_profile_end:
.section .note.GNU-stack,"",@progbits
