// The `gale` command: hands over to the driver.
#include "driver/driver.h"

int main(int argc, char** argv) { return gale::driver::run(argc, argv); }
