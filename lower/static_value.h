// Static values: initialisers that can be data. One walk decides and, if wanted, writes (static_data.cpp). Internal to lower/.
#pragma once

#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "ir/data.h"
#include "lower/program.h"

namespace gale::lower {

struct Body;

// Writes the values of expressions into data. With `dry` it only says whether that is possible and makes nothing.
class StaticWriter {
 public:
  StaticWriter(Program& program, types::Package* package, std::string name_prefix, bool dry);
  ~StaticWriter();
  // Is x a package variable or a part of one? Where?
  bool global_place(syntax::Expr* x, Symbol* symbol, int64_t* offset);

  // x, assigned to a variable of canonical type t, at d->bytes[at]. False: x must be computed by code.
  bool value(syntax::Expr* x, Type* t, ir::Data* d, uint64_t at);

 private:
  // Parameters of a function that is evaluated in place, and their constant arguments.
  using Arguments = absl::flat_hash_map<const types::Object*, syntax::Expr*>;

  bool constant(const types::Constant* c, Type* t, ir::Data* d, uint64_t at);
  bool composite(syntax::CompositeLit* e, Type* t, ir::Data* d, uint64_t at);
  bool slice_literal(syntax::CompositeLit* e, Type* t, ir::Data* d, uint64_t at);
  bool address(syntax::Expr* x, ir::Data* d, uint64_t at);        // &x
  bool function_value(syntax::Expr* x, ir::Data* d, uint64_t at);
  bool to_interface(syntax::Expr* x, Type* from, Type* t, ir::Data* d, uint64_t at);
  bool conversion(syntax::CallExpr* e, Type* t, ir::Data* d, uint64_t at);
  bool builtin(syntax::CallExpr* e, ir::Data* d, uint64_t at);
  bool call(syntax::CallExpr* e, Type* t, ir::Data* d, uint64_t at);
  bool pointer_to_new(Type* t, syntax::Expr* init, ir::Data* d, uint64_t at);
  bool bytes_of_string(syntax::Expr* x, Type* t, ir::Data* d, uint64_t at);

  Type* type_of(const syntax::Expr* x);
  ir::Data anonymous(Type* t, ir::DataKind kind);
  void finish(ir::Data d);
  void put_word(ir::Data* d, uint64_t at, uint64_t v);
  void put_address(ir::Data* d, uint64_t at, Symbol symbol, int64_t addend = 0);
  bool is_zero_data(const ir::Data& d) const;

  Program& program_;
  types::Package* package_;
  std::string prefix_;
  bool dry_;
  uint32_t depth_ = 0;
  uint32_t calls_ = 0;  // that are being evaluated in place
  Arguments arguments_;
};

}  // namespace gale::lower
