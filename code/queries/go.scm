; Rules for Go.

((function_declaration name: (identifier) @_n) @region
 (#match? @_n "^(Test|Benchmark|Fuzz|Example)")
 (#set! region "tests"))

((function_declaration name: (identifier) @_n) @region
 (#any-of? @_n "main" "init")
 (#set! region "main"))

((assignment_statement left: (expression_list) @_l right: (expression_list (call_expression))) @issue
 (#match? @_l "^(.*,\\s*)?_$")
 (#set! id "go/ignored-error") (#set! severity "medium") (#set! category "quality")
 (#set! outside "tests")
 (#set! message "what a call says last, as a rule its error, is thrown away")
 (#set! hint "handle it, or return it with its context: fmt.Errorf(\"…: %w\", err)")
 (#set! source "CWE-252, CWE-391; errcheck; gosec G104"))

((short_var_declaration left: (expression_list) @_l right: (expression_list (call_expression))) @issue
 (#match? @_l ",\\s*_$")
 (#set! id "go/ignored-error") (#set! outside "tests"))

((call_expression
   function: (selector_expression) @_f
   arguments: (argument_list (interpreted_string_literal) @_s . (interpreted_string_literal) @_c)) @issue
 (#any-of? @_f "exec.Command" "exec.CommandContext") (#match? @_s "(^\"|/)(ba|z|da|k)?sh\"$") (#eq? @_c "\"-c\"")
 (#set! id "go/shell") (#set! severity "high") (#set! category "security")
 (#set! message "a shell reads the command, and with it what callers put in")
 (#set! hint "name the program, and pass its arguments one by one")
 (#set! source "CWE-78; gosec G204"))

((call_expression
   function: (selector_expression) @_f
   arguments: (argument_list . [(interpreted_string_literal) (raw_string_literal)] @_s)) @issue
 (#any-of? @_f "fmt.Sprintf" "fmt.Sprint")
 (#match? @_s "(?is)^[\"`]\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#match? @_s "%")
 (#set! id "go/sql-text") (#set! severity "high") (#set! category "security")
 (#set! message "SQL is put together from text, and with it what callers put in")
 (#set! hint "pass the values as parameters of the query")
 (#set! source "CWE-89; gosec G201, G202"))

((binary_expression left: [(interpreted_string_literal) (raw_string_literal)] @_s operator: "+") @issue
 (#match? @_s "(?is)^[\"`]\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#set! id "go/sql-text"))

((keyed_element (literal_element (identifier) @_k) (literal_element (true))) @issue
 (#eq? @_k "InsecureSkipVerify")
 (#set! id "go/verify-off") (#set! severity "high") (#set! category "security")
 (#set! message "the server's certificate is not checked")
 (#set! hint "leave it out, or set RootCAs to your own authority")
 (#set! source "CWE-295; gosec G402"))

((call_expression function: (identifier) @_f) @issue
 (#eq? @_f "panic")
 (#set! id "go/panic") (#set! severity "low") (#set! category "quality")
 (#set! outside "tests main")
 (#set! message "a panic takes the whole program with it")
 (#set! hint "return an error")
 (#set! source "Go Code Review Comments: Don't Panic; CWE-248"))

([(short_var_declaration left: (_) @_l right: (_) @_r)
  (assignment_statement left: (_) @_l right: (_) @_r)
  (var_spec name: (_) @_l value: (_) @_r)] @issue
 (#match? @_l "(?i)(token|secret|passw|nonce|salt|session_?id|api_?key)")
 (#match? @_r "\\b[a-z]*rand\\.(Int|Intn|Int31|Int31n|Int63|Int63n|Uint32|Uint64|Float64|Perm|N|IntN)\\(")
 (#not-match? @_r "rand\\.Reader")
 (#set! id "go/weak-random") (#set! severity "high") (#set! category "security")
 (#set! message "math/rand can be guessed")
 (#set! hint "use crypto/rand")
 (#set! source "CWE-338; gosec G404"))

((call_expression function: (selector_expression operand: (identifier) @_m field: (field_identifier) @_f)) @issue
 (#any-of? @_m "md5" "sha1") (#match? @_f "^(New|Sum)$")
 (#set! id "go/weak-hash") (#set! severity "medium") (#set! category "security")
 (#set! message "MD5 and SHA-1 are broken")
 (#set! hint "use crypto/sha256; for passwords golang.org/x/crypto/scrypt or bcrypt")
 (#set! source "CWE-327, CWE-328; gosec G401"))

([(const_spec name: (identifier) @_n value: (expression_list (interpreted_string_literal) @_v))
  (var_spec name: (identifier) @_n value: (expression_list (interpreted_string_literal) @_v))
  (short_var_declaration left: (expression_list (identifier) @_n) right: (expression_list (interpreted_string_literal) @_v))
  (keyed_element (literal_element (identifier) @_n) (literal_element (interpreted_string_literal) @_v))] @issue
 (#match? @_n "(?i)(passw(or)?d|passphrase|secret|api_?key|access_?key|private_?key|(auth|access|api|bearer)_?token)$")
 (#match? @_v "^\"[^\"]{4,}\"$")
 (#not-match? @_v "(?i)(<.*>|^.(your|example|change.?me|dummy|x{4,}|\\*+))")
 (#set! id "go/hard-coded-secret") (#set! severity "high") (#set! category "security")
 (#set! message "a secret stands in the code")
 (#set! hint "read it from the environment or a secret store, and revoke this one")
 (#set! source "CWE-798; OWASP A07:2021; gosec G101"))

([(interpreted_string_literal) (raw_string_literal)] @issue
 (#match? @issue "AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|sk-(ant|proj)-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10}|-----BEGIN [A-Z ]*PRIVATE KEY-----")
 (#set! id "go/hard-coded-secret"))
