// Walker: visits every node of a piece of syntax in source order. pre returns false to keep a node's children out.
#pragma once

#include "syntax/nodes.h"

namespace gale::lower {

class Walker {
 public:
  virtual ~Walker() = default;
  void visit(syntax::Node* n);

 protected:
  virtual bool pre(syntax::Node* n) = 0;

 private:
  void children(syntax::Node* n);
};

}  // namespace gale::lower
