#include "syntax/scanner.h"

#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "syntax/unicode.h"
#include "syntax/unquote.h"

namespace gale::syntax {
namespace {

struct Recorder final : ScanHandler {
  std::vector<std::string> messages;
  void scan_error(uint32_t offset, std::string message) override {
    messages.push_back(fmt::format("{}: {}", offset, message));
  }
  void scan_comment(uint32_t offset, std::string_view text) override {
    messages.push_back(fmt::format("{}! {}", offset, text));
  }
};

// The tokens of a text, separated by blanks.
std::string tokens_of(std::string_view text, Recorder* recorder) {
  Scanner s(text, recorder);
  std::string out;
  for (s.next(); s.token != Token::EndOfFile; s.next()) {
    if (!out.empty()) out += ' ';
    switch (s.token) {
      case Token::Name:
      case Token::Literal:
        out += s.lit;
        break;
      case Token::Operator:
        out += spelling(s.op);
        break;
      case Token::AssignOp:
        out += std::string(spelling(s.op)) + "=";
        break;
      case Token::IncDec:
        out += s.op == Op::Add ? "++" : "--";
        break;
      case Token::Semicolon:
        out += s.lit == "semicolon" ? ";" : std::string(s.lit);
        break;
      default:
        out += spelling(s.token);
    }
  }
  return out;
}

std::string tokens(std::string_view text) {
  Recorder r;
  std::string out = tokens_of(text, &r);
  for (const std::string& m : r.messages) ADD_FAILURE() << text << ": " << m;
  return out;
}

std::string first_error(std::string text) {
  Recorder r;
  tokens_of(text, &r);
  return r.messages.empty() ? "" : r.messages[0];
}

TEST(Scanner, SplitsOperators) {
  EXPECT_EQ(tokens("a<<=b &^ c&^=d ... .. . <- -- := ++"), "a <<= b &^ c &^= d ... . . . <- -- := ++ EOF");
  EXPECT_EQ(tokens("x!=y||!z&&~w%v|=1"), "x != y || ! z && ~ w % v |= 1 EOF");
}

TEST(Scanner, InsertsSemicolons) {
  EXPECT_EQ(tokens("return\nx)\n]\n}\nbreak // c\nif\n++\n"),
            "return newline x ) newline ] newline } newline break newline if ++ newline");
  EXPECT_EQ(tokens("a /* x \n y */ b"), "a newline b EOF");
  EXPECT_EQ(tokens("a /* x */ b"), "a b EOF");
  EXPECT_EQ(tokens(""), "");
}

TEST(Scanner, KnowsEveryKeyword) {
#define KEYWORD(name, spelled, ends)                        \
  {                                                         \
    Recorder r;                                             \
    std::string text(spelled);                              \
    Scanner s(text, &r);                                    \
    s.next();                                               \
    EXPECT_EQ(spelling(s.token), spelled);                  \
    std::string longer = text + "x";                        \
    Scanner t(longer, &r);                                  \
    t.next();                                               \
    EXPECT_EQ(t.token, Token::Name);                        \
  }
#include "syntax/tokens.def"
}

TEST(Scanner, ReadsNumbers) {
  EXPECT_EQ(tokens("0 0x1F 0b10 0o17 1_000 1.5 .5 1e9 0x1p-2 1i 0x.8p1 08.5 09i"),
            "0 0x1F 0b10 0o17 1_000 1.5 .5 1e9 0x1p-2 1i 0x.8p1 08.5 09i EOF");
  EXPECT_EQ(first_error("08"), "1: invalid digit '8' in octal literal");
  EXPECT_EQ(first_error("0b12"), "3: invalid digit '2' in binary literal");
  EXPECT_EQ(first_error("0x"), "2: hexadecimal literal has no digits");
  EXPECT_EQ(first_error("1__0"), "2: '_' must separate successive digits");
  EXPECT_EQ(first_error("1e"), "2: exponent has no digits");
  EXPECT_EQ(first_error("0x1.0"), "5: hexadecimal mantissa requires a 'p' exponent");
  EXPECT_EQ(first_error("0b1.0"), "3: invalid radix point in binary literal");
  EXPECT_EQ(first_error("1p2"), "1: 'p' exponent requires hexadecimal mantissa");
}

TEST(Scanner, ReadsStringsAndRunes) {
  EXPECT_EQ(tokens(R"('a' '\'' '\x41' '\u0041' '\U0010ffff' '世' "x\"y" `a\`)"),
            R"('a' '\'' '\x41' '\u0041' '\U0010ffff' '世' "x\"y" `a\` EOF)");
  EXPECT_EQ(first_error("''"), "1: empty rune literal or unescaped '");
  EXPECT_EQ(first_error("'ab'"), "0: more than one character in rune literal");
  EXPECT_EQ(first_error("'a"), "0: rune literal not terminated");
  EXPECT_EQ(first_error("'\n'"), "1: newline in rune literal");
  EXPECT_EQ(first_error("\"a\n"), "2: newline in string");
  EXPECT_EQ(first_error("\"a"), "0: string not terminated");
  EXPECT_EQ(first_error("`a"), "0: string not terminated");
  EXPECT_EQ(first_error(R"("\z")"), "2: unknown escape");
  EXPECT_EQ(first_error(R"("\xg0")"), "3: invalid character 'g' in hexadecimal escape");
  EXPECT_EQ(first_error(R"("\400")"), "5: octal escape value 256 > 255");
  EXPECT_EQ(first_error(R"("\ud800")"), "7: escape is invalid Unicode code point U+D800");
}

TEST(Scanner, ChecksTheEncoding) {
  using namespace std::string_literals;
  EXPECT_EQ(tokens("\xef\xbb\xbfπ世_1"), "π世_1 EOF");
  EXPECT_EQ(first_error("a\xef\xbb\xbf"), "1: invalid BOM in the middle of the file");
  EXPECT_EQ(first_error("a\0b"s), "1: invalid NUL character");
  EXPECT_EQ(first_error("\xff"), "0: invalid UTF-8 encoding");
  EXPECT_EQ(first_error("// \xff"), "3: invalid UTF-8 encoding");
  EXPECT_EQ(first_error("#"), "0: invalid character U+0023 '#'");
  EXPECT_EQ(first_error("a“"), "1: invalid character U+201C '“' in identifier");
  EXPECT_EQ(first_error("٣a"), "0: identifier cannot begin with digit U+0663 '٣'");
  EXPECT_EQ(first_error("/* x"), "0: comment not terminated");
}

TEST(Scanner, PassesDirectives) {
  EXPECT_EQ(first_error("//go:noinline\n"), "0! //go:noinline");
  EXPECT_EQ(first_error("// go:noinline\n"), "");
  EXPECT_EQ(first_error("x /*line a.go:3*/ y"), "2! /*line a.go:3*/");
}

TEST(Unquote, GivesTheValue) {
  std::string s;
  ASSERT_TRUE(unquote(R"("a\n\x41\101\u00e9\\\"")", &s));
  EXPECT_EQ(s, "a\nAA\u00e9\\\"");
  ASSERT_TRUE(unquote("`a\r\\n`", &s));
  EXPECT_EQ(s, "a\\n");
  uint32_t r;
  ASSERT_TRUE(unquote_rune(R"('\'')", &r));
  EXPECT_EQ(r, static_cast<uint32_t>('\''));
  ASSERT_TRUE(unquote_rune("'世'", &r));
  EXPECT_EQ(r, 0x4e16u);
  EXPECT_FALSE(unquote_rune("'ab'", &r));
  EXPECT_FALSE(unquote("\"a", &s));
}

TEST(Unicode, QuotesAsGoDoes) {
  EXPECT_EQ(quote_string("a\"\n\x01\xff世"), "\"a\\\"\\n\\x01\\xff世\"");
  EXPECT_EQ(quote_rune('\n'), "'\\n'");
  EXPECT_EQ(unicode_name(0), "U+0000");
}

}  // namespace
}  // namespace gale::syntax
