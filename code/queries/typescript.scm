; Rules for what TypeScript adds.

((predefined_type) @issue
 (#eq? @issue "any")
 (#set! id "typescript/any") (#set! severity "low") (#set! category "quality")
 (#set! message "`any` switches type checking off, for all that it touches")
 (#set! hint "use unknown and narrow it, or say the type")
 (#set! source "typescript-eslint no-explicit-any"))

((comment) @issue
 (#match? @issue "^(//|/\\*)[\\s*]*@ts-(ignore|nocheck)")
 (#set! id "typescript/ts-ignore") (#set! severity "low") (#set! category "quality")
 (#set! message "errors are hidden, those that will come too")
 (#set! hint "mend the type; else @ts-expect-error with the reason")
 (#set! source "typescript-eslint ban-ts-comment"))
