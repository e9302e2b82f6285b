; Rules for Python. How a pattern becomes a rule: src/issues/queries.rs.

((function_definition name: (identifier) @_n) @region
 (#match? @_n "^test_")
 (#set! region "tests"))

((class_definition name: (identifier) @_n) @region
 (#match? @_n "^Test")
 (#set! region "tests"))

((call function: (identifier) @_f) @issue
 (#any-of? @_f "eval" "exec")
 (#set! id "python/eval") (#set! severity "high") (#set! category "security")
 (#set! message "text is run as code")
 (#set! hint "use ast.literal_eval for data, a table of functions for choices")
 (#set! source "CWE-95; Bandit B307, B102"))

((call arguments: (argument_list (keyword_argument name: (identifier) @_k value: (true)))) @issue
 (#eq? @_k "shell")
 (#set! id "python/shell") (#set! severity "high") (#set! category "security")
 (#set! message "a shell reads the command, and with it what callers put in")
 (#set! hint "pass a list of arguments and leave out shell=True")
 (#set! source "CWE-78; Bandit B602, B605"))

((call function: (attribute object: (identifier) @_m attribute: (identifier) @_f)) @issue
 (#eq? @_m "os") (#any-of? @_f "system" "popen")
 (#set! id "python/shell"))

((call function: (attribute object: (identifier) @_m attribute: (identifier) @_f)) @issue
 (#any-of? @_m "pickle" "cPickle" "_pickle" "dill" "marshal")
 (#any-of? @_f "load" "loads" "Unpickler")
 (#set! id "python/pickle") (#set! severity "high") (#set! category "security")
 (#set! message "data that is unpickled can run any code")
 (#set! hint "use json, or sign the data and check it first")
 (#set! source "CWE-502; Bandit B301"))

((call function: (attribute object: (identifier) @_m attribute: (identifier) @_f)
       arguments: (argument_list) @_a) @issue
 (#eq? @_m "yaml") (#any-of? @_f "load" "load_all") (#not-match? @_a "SafeLoader|BaseLoader")
 (#set! id "python/yaml-load") (#set! severity "high") (#set! category "security")
 (#set! message "YAML that is loaded without a safe loader can make any object")
 (#set! hint "use yaml.safe_load")
 (#set! source "CWE-502; Bandit B506"))

((except_clause !value "except" @issue)
 (#set! id "python/bare-except") (#set! severity "medium") (#set! category "quality")
 (#set! message "everything is caught, KeyboardInterrupt and SystemExit too")
 (#set! hint "name the exceptions; `except Exception` if it has to be all")
 (#set! source "pycodestyle E722; CWE-396"))

([(default_parameter value: [(list) (dictionary) (set)])
  (typed_default_parameter value: [(list) (dictionary) (set)])] @issue
 (#set! id "python/mutable-default") (#set! severity "medium") (#set! category "quality")
 (#set! message "a default value is shared by all calls, and can be changed")
 (#set! hint "default to None and make the value inside")
 (#set! source "flake8-bugbear B006; Pylint W0102"))

([(default_parameter value: (call function: (identifier) @_f))
  (typed_default_parameter value: (call function: (identifier) @_f))] @issue
 (#any-of? @_f "list" "dict" "set")
 (#set! id "python/mutable-default"))

((assert_statement) @issue
 (#set! id "python/assert") (#set! severity "low") (#set! category "security")
 (#set! outside "tests")
 (#set! message "an assertion is gone when Python runs with -O")
 (#set! hint "raise an exception where the check has to hold")
 (#set! source "CWE-617; Bandit B101"))

((assignment left: (_) @_n right: (string) @_v) @issue
 (#match? @_n "(?i)(passw(or)?d|passphrase|secret|api_?key|access_?key|private_?key|(auth|access|api|bearer)_?token)$")
 (#match? @_v "^[a-zA-Z]?(\"[^\"{}]{4,}\"|'[^'{}]{4,}')$")
 (#not-match? @_v "(?i)(<.*>|^.?.(your|example|change.?me|dummy|x{4,}|\\*+))")
 (#set! id "python/hard-coded-secret") (#set! severity "high") (#set! category "security")
 (#set! message "a secret stands in the code")
 (#set! hint "read it from the environment or a secret store, and revoke this one")
 (#set! source "CWE-798; OWASP A07:2021; Bandit B105"))

((keyword_argument name: (identifier) @_n value: (string) @_v) @issue
 (#match? @_n "(?i)(passw(or)?d|passphrase|secret|api_?key|access_?key|private_?key|(auth|access|api|bearer)_?token)$")
 (#match? @_v "^[a-zA-Z]?(\"[^\"{}]{4,}\"|'[^'{}]{4,}')$")
 (#not-match? @_v "(?i)(<.*>|^.?.(your|example|change.?me|dummy|x{4,}|\\*+))")
 (#set! id "python/hard-coded-secret"))

((string) @issue
 (#match? @issue "AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|sk-(ant|proj)-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10}|-----BEGIN [A-Z ]*PRIVATE KEY-----")
 (#set! id "python/hard-coded-secret"))

((string (interpolation)) @issue
 (#match? @issue "(?is)^[a-z]*[\"']+\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#set! id "python/sql-text") (#set! severity "high") (#set! category "security")
 (#set! message "SQL is put together from text, and with it what callers put in")
 (#set! hint "pass the values as parameters of the query")
 (#set! source "CWE-89; OWASP A03:2021; Bandit B608"))

((binary_operator left: (string) @_s operator: ["%" "+"]) @issue
 (#match? @_s "(?is)^[a-z]*[\"']+\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#set! id "python/sql-text"))

((call function: (attribute object: (string) @_s attribute: (identifier) @_f)) @issue
 (#eq? @_f "format")
 (#match? @_s "(?is)^[a-z]*[\"']+\\s*(select\\s.+\\sfrom\\s|insert\\s+into\\s|update\\s.+\\sset\\s|delete\\s+from\\s)")
 (#set! id "python/sql-text"))

((call function: (attribute object: (identifier) @_m attribute: (identifier) @_f)
       arguments: (argument_list) @_a) @issue
 (#eq? @_m "hashlib") (#any-of? @_f "md5" "sha1") (#not-match? @_a "usedforsecurity\\s*=\\s*False")
 (#set! id "python/weak-hash") (#set! severity "medium") (#set! category "security")
 (#set! message "MD5 and SHA-1 are broken")
 (#set! hint "use hashlib.sha256; for passwords hashlib.scrypt; usedforsecurity=False says that it is neither")
 (#set! source "CWE-327, CWE-328; Bandit B324"))

((call function: (attribute object: (identifier) @_m attribute: (identifier) @_f)) @issue
 (#eq? @_m "tempfile") (#eq? @_f "mktemp")
 (#set! id "python/mktemp") (#set! severity "medium") (#set! category "security")
 (#set! message "somebody else can make the file between its name and its opening")
 (#set! hint "use tempfile.mkstemp or NamedTemporaryFile")
 (#set! source "CWE-377; Bandit B306"))

((call arguments: (argument_list (keyword_argument name: (identifier) @_k value: (false)))) @issue
 (#eq? @_k "verify")
 (#set! id "python/verify-off") (#set! severity "high") (#set! category "security")
 (#set! message "the server's certificate is not checked")
 (#set! hint "leave verify out, or give it the path of your own authority's certificate")
 (#set! source "CWE-295; Bandit B501"))

((call arguments: (argument_list (keyword_argument name: (identifier) @_k value: (true)))) @issue
 (#eq? @_k "debug")
 (#set! id "python/debug-on") (#set! severity "medium") (#set! category "security")
 (#set! message "debug mode shows internals, in Flask also a console, to whoever asks")
 (#set! hint "read it from the environment, off by default")
 (#set! source "CWE-489; Bandit B201"))

((wildcard_import) @issue
 (#set! id "python/star-import") (#set! severity "low") (#set! category "quality")
 (#set! message "nobody can tell which names this brings")
 (#set! hint "name what is used")
 (#set! source "Pyflakes F403; PEP 8"))

((comparison_operator operators: ["==" "!="] (none)) @issue
 (#set! id "python/compare-none") (#set! severity "low") (#set! category "quality")
 (#set! message "`==` asks the object, which may say anything")
 (#set! hint "use `is None` or `is not None`")
 (#set! source "pycodestyle E711; PEP 8"))
