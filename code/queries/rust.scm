; Rules for Rust.

((attribute_item) @_a . (attribute_item)* . [(mod_item) (function_item) (impl_item)] @region
 (#match? @_a "^#\\[(cfg\\(.*\\btest\\b|([a-z_]+::)*test\\b)") (#not-match? @_a "not\\(test")
 (#set! region "tests"))

((function_item name: (identifier) @_n) @region
 (#eq? @_n "main")
 (#set! region "main"))

((call_expression function: (field_expression field: (field_identifier) @issue))
 (#eq? @issue "unwrap")
 (#set! id "rust/unwrap") (#set! severity "low") (#set! category "quality")
 (#set! outside "tests")
 (#set! message "where there is nothing, this panics, and does not say why there should be something")
 (#set! hint "use `?`, a default, or an expect that states the invariant")
 (#set! source "clippy::unwrap_used; CWE-248"))

((call_expression function: (field_expression field: (field_identifier) @issue))
 (#eq? @issue "expect")
 (#set! id "rust/expect") (#set! severity "info") (#set! category "quality")
 (#set! outside "tests main")
 (#set! message "where there is nothing, this panics")
 (#set! hint "check that the text states why this cannot happen; else use `?`")
 (#set! source "clippy::expect_used; CWE-248"))

([(unsafe_block "unsafe" @issue) (function_modifiers "unsafe" @issue) (impl_item "unsafe" @issue)]
 (#set! id "rust/unsafe") (#set! severity "medium") (#set! category "security")
 (#set! message "the compiler does not check this")
 (#set! hint "find a safe way; else say in a SAFETY comment why it holds")
 (#set! source "rustc unsafe_code; clippy::undocumented_unsafe_blocks; CWE-119"))

((macro_invocation macro: (identifier) @_m) @issue
 (#any-of? @_m "todo" "unimplemented")
 (#set! id "rust/todo") (#set! severity "medium") (#set! category "quality")
 (#set! message "this is not written yet, and panics")
 (#set! hint "write it, or return an error that says so")
 (#set! source "clippy::todo, clippy::unimplemented"))

((macro_invocation macro: (identifier) @_m) @issue
 (#eq? @_m "panic")
 (#set! id "rust/panic") (#set! severity "low") (#set! category "quality")
 (#set! outside "tests main")
 (#set! message "a panic ends the thread, and takes what it held with it")
 (#set! hint "return an error")
 (#set! source "clippy::panic; CWE-248"))

((call_expression function: [(identifier) (scoped_identifier) (generic_function)] @_f) @issue
 (#match? @_f "(^|::)transmute(_copy)?(::<|$)")
 (#set! id "rust/transmute") (#set! severity "high") (#set! category "security")
 (#set! message "bytes are taken for another type, unchecked")
 (#set! hint "use from_ne_bytes, casts of pointers, or the crate bytemuck")
 (#set! source "Rustonomicon, Transmutes; clippy::missing_transmute_annotations; CWE-843"))

((call_expression function: (scoped_identifier) @_f arguments: (arguments . (string_literal) @_s)) @issue
 (#match? @_f "(^|::)Command::new$") (#match? @_s "(^\"|/)(ba|z|da|k)?sh\"$")
 (#set! id "rust/shell") (#set! severity "high") (#set! category "security")
 (#set! message "a shell reads the command, and with it what callers put in")
 (#set! hint "name the program, and pass its arguments one by one")
 (#set! source "CWE-78; OWASP A03:2021"))

([(attribute_item (attribute (identifier) @_a)) (inner_attribute_item (attribute (identifier) @_a))] @issue
 (#eq? @_a "allow")
 (#set! id "rust/allow") (#set! severity "info") (#set! category "quality")
 (#set! message "a warning is silenced, also once there is no reason any more")
 (#set! hint "use #[expect(…, reason = \"…\")]")
 (#set! source "clippy::allow_attributes"))

([(let_declaration pattern: (identifier) @_n value: (string_literal) @_v)
  (const_item name: (identifier) @_n value: (string_literal) @_v)
  (static_item name: (identifier) @_n value: (string_literal) @_v)
  (field_initializer field: (field_identifier) @_n value: (string_literal) @_v)] @issue
 (#match? @_n "(?i)(passw(or)?d|passphrase|secret|api_?key|access_?key|private_?key|(auth|access|api|bearer)_?token)$")
 (#match? @_v "^\"[^\"]{4,}\"$")
 (#not-match? @_v "(?i)(<.*>|^.(your|example|change.?me|dummy|x{4,}|\\*+))")
 (#set! id "rust/hard-coded-secret") (#set! severity "high") (#set! category "security")
 (#set! outside "tests")
 (#set! message "a secret stands in the code")
 (#set! hint "read it from the environment or a secret store, and revoke this one")
 (#set! source "CWE-798; OWASP A07:2021"))

([(string_literal) (raw_string_literal)] @issue
 (#match? @issue "AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|sk-(ant|proj)-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10}|-----BEGIN [A-Z ]*PRIVATE KEY-----")
 (#set! id "rust/hard-coded-secret"))

((macro_invocation macro: (identifier) @_m (token_tree . (string_literal) @_s)) @issue
 (#eq? @_m "format")
 (#match? @_s "(?is)^\"\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#match? @_s "\\{")
 (#set! id "rust/sql-text") (#set! severity "high") (#set! category "security")
 (#set! message "SQL is put together from text, and with it what callers put in")
 (#set! hint "pass the values as parameters of the query")
 (#set! source "CWE-89; OWASP A03:2021"))

((call_expression function: (field_expression field: (field_identifier) @_f)
                  arguments: (arguments . (boolean_literal) @_b)) @issue
 (#any-of? @_f "danger_accept_invalid_certs" "danger_accept_invalid_hostnames") (#eq? @_b "true")
 (#set! id "rust/verify-off") (#set! severity "high") (#set! category "security")
 (#set! message "the server's certificate is not checked")
 (#set! hint "leave it out, or add your own authority's certificate")
 (#set! source "CWE-295; reqwest::ClientBuilder"))

((macro_invocation macro: (identifier) @_m) @issue
 (#any-of? @_m "println" "print" "eprintln" "eprint")
 (#set! id "rust/print") (#set! severity "info") (#set! category "quality")
 (#set! outside "tests main")
 (#set! message "a library's output belongs to whoever calls it")
 (#set! hint "return it, write to a given `impl Write`, or use tracing")
 (#set! source "clippy::print_stdout, clippy::print_stderr"))

((macro_invocation macro: (identifier) @_m) @issue
 (#eq? @_m "dbg")
 (#set! id "rust/dbg") (#set! severity "low") (#set! category "quality")
 (#set! message "what was printed for a developer is still here")
 (#set! hint "remove it")
 (#set! source "clippy::dbg_macro"))
