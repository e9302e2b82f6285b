; Rules for JavaScript, and under its name for TypeScript and TSX. src/issues/queries.rs says how.

((call_expression function: (identifier) @_f) @issue
 (#eq? @_f "eval")
 (#set! id "javascript/eval") (#set! severity "high") (#set! category "security")
 (#set! message "text is run as code")
 (#set! hint "use JSON.parse for data, a table of functions for choices")
 (#set! source "CWE-95; ESLint no-eval"))

((new_expression constructor: (identifier) @_f) @issue
 (#eq? @_f "Function")
 (#set! id "javascript/new-function") (#set! severity "high") (#set! category "security")
 (#set! message "text becomes a function")
 (#set! hint "write the function, or choose it from a table")
 (#set! source "CWE-95; ESLint no-new-func"))

((call_expression function: (identifier) @_f arguments: (arguments . [(string) (template_string)])) @issue
 (#any-of? @_f "setTimeout" "setInterval")
 (#set! id "javascript/implied-eval") (#set! severity "high") (#set! category "security")
 (#set! message "the timer runs text as code")
 (#set! hint "pass a function")
 (#set! source "CWE-95; ESLint no-implied-eval"))

([(assignment_expression left: (member_expression property: (property_identifier) @_p) right: (_) @_v)
  (augmented_assignment_expression left: (member_expression property: (property_identifier) @_p) right: (_) @_v)] @issue
 (#any-of? @_p "innerHTML" "outerHTML")
 (#not-match? @_v "^(\"[^\"]*\"|'[^']*')$")
 (#set! id "javascript/inner-html") (#set! severity "high") (#set! category "security")
 (#set! message "text becomes HTML, scripts included")
 (#set! hint "use textContent, or sanitise it with a library made for that")
 (#set! source "CWE-79; OWASP A03:2021"))

((call_expression function: (member_expression object: (identifier) @_o property: (property_identifier) @_p)) @issue
 (#eq? @_o "document") (#any-of? @_p "write" "writeln")
 (#set! id "javascript/document-write") (#set! severity "medium") (#set! category "security")
 (#set! message "text becomes part of the document, scripts included")
 (#set! hint "make elements, and set their textContent")
 (#set! source "CWE-79; MDN Document.write (deprecated)"))

((call_expression
   function: [(identifier) (member_expression object: (identifier) property: (property_identifier))] @_f
   arguments: (arguments . [(template_string (template_substitution)) (binary_expression operator: "+")])) @issue
 (#match? @_f "^((child_process|childProcess|cp)\\.)?(exec|execSync)$")
 (#set! id "javascript/exec") (#set! severity "high") (#set! category "security")
 (#set! message "a shell reads the command, and with it what callers put in")
 (#set! hint "use execFile or spawn with a list of arguments")
 (#set! source "CWE-78; OWASP A03:2021"))

((binary_expression left: (_) @_l operator: ["==" "!="] @issue right: (_) @_r)
 (#not-eq? @_l "null") (#not-eq? @_r "null")
 (#set! id "javascript/loose-equality") (#set! severity "low") (#set! category "quality")
 (#set! message "`==` converts before it compares")
 (#set! hint "use === or !==")
 (#set! source "ESLint eqeqeq"))

((variable_declaration "var" @issue)
 (#set! id "javascript/var") (#set! severity "low") (#set! category "quality")
 (#set! message "`var` is seen in the whole function, and before its line")
 (#set! hint "use const, or let where it changes")
 (#set! source "ESLint no-var"))

([(variable_declarator name: (identifier) @_n value: (string) @_v)
  (pair key: (_) @_n value: (string) @_v)
  (assignment_expression left: (_) @_n right: (string) @_v)] @issue
 (#match? @_n "(?i)(passw(or)?d|passphrase|secret|api_?key|access_?key|private_?key|(auth|access|api|bearer)_?token)[\"']?$")
 (#match? @_v "^(\"[^\"]{4,}\"|'[^']{4,}')$")
 (#not-match? @_v "(?i)(<.*>|^.(your|example|change.?me|dummy|x{4,}|\\*+))")
 (#set! id "javascript/hard-coded-secret") (#set! severity "high") (#set! category "security")
 (#set! message "a secret stands in the code")
 (#set! hint "read it from the environment or a secret store, and revoke this one")
 (#set! source "CWE-798; OWASP A07:2021"))

([(string) (template_string)] @issue
 (#match? @issue "AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|sk-(ant|proj)-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10}|-----BEGIN [A-Z ]*PRIVATE KEY-----")
 (#set! id "javascript/hard-coded-secret"))

((catch_clause body: (statement_block) @_b) @issue
 (#match? @_b "^\\{\\s*\\}")
 (#set! id "javascript/empty-catch") (#set! severity "medium") (#set! category "quality")
 (#set! message "an error goes unseen")
 (#set! hint "handle it, or say in a comment why it does not matter")
 (#set! source "CWE-390; ESLint no-empty"))

((call_expression function: (member_expression object: (identifier) @_o property: (property_identifier) @_p)) @issue
 (#eq? @_o "console") (#any-of? @_p "log" "debug")
 (#set! id "javascript/console") (#set! severity "info") (#set! category "quality")
 (#set! message "what was printed for a developer goes to users' consoles")
 (#set! hint "use the project's logger, or remove it")
 (#set! source "ESLint no-console"))

((template_string (template_substitution)) @issue
 (#match? @issue "(?is)^`\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#set! id "javascript/sql-text") (#set! severity "high") (#set! category "security")
 (#set! message "SQL is put together from text, and with it what callers put in")
 (#set! hint "pass the values as parameters of the query")
 (#set! source "CWE-89; OWASP A03:2021"))

((binary_expression left: (string) @_s operator: "+") @issue
 (#match? @_s "(?is)^[\"']\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#set! id "javascript/sql-text"))

((pair key: (_) @_k value: (false)) @issue
 (#match? @_k "^[\"']?rejectUnauthorized[\"']?$")
 (#set! id "javascript/verify-off") (#set! severity "high") (#set! category "security")
 (#set! message "the server's certificate is not checked")
 (#set! hint "leave it out, or give `ca` your own authority's certificate")
 (#set! source "CWE-295; Node.js tls.connect"))

((call_expression function: [(identifier) (member_expression)] @_f arguments: (arguments . (string) @_a)) @issue
 (#match? @_f "(^|\\.)createHash$") (#match? @_a "(?i)^.(md5|sha-?1).$")
 (#set! id "javascript/weak-hash") (#set! severity "medium") (#set! category "security")
 (#set! message "MD5 and SHA-1 are broken")
 (#set! hint "use sha256; for passwords crypto.scrypt")
 (#set! source "CWE-327, CWE-328"))

((variable_declarator name: (identifier) @_n value: (_) @_v) @issue
 (#match? @_n "(?i)(token|secret|passw|nonce|salt|session_?id|api_?key)")
 (#match? @_v "^[^{}]*\\bMath\\.random\\(")
 (#set! id "javascript/weak-random") (#set! severity "high") (#set! category "security")
 (#set! message "Math.random can be guessed")
 (#set! hint "use crypto.randomBytes or crypto.getRandomValues")
 (#set! source "CWE-338"))

((debugger_statement) @issue
 (#set! id "javascript/debugger") (#set! severity "medium") (#set! category "quality")
 (#set! message "the program stops here under a debugger")
 (#set! hint "remove it")
 (#set! source "CWE-489; ESLint no-debugger"))
