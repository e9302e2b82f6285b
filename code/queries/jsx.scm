; Rules for elements: JavaScript and TSX.

((jsx_attribute (property_identifier) @_p) @issue
 (#eq? @_p "dangerouslySetInnerHTML")
 (#set! id "javascript/dangerous-html") (#set! severity "high") (#set! category "security")
 (#set! message "text becomes HTML, scripts included")
 (#set! hint "render it as children, or sanitise it with a library made for that")
 (#set! source "CWE-79; eslint-plugin-react no-danger"))
