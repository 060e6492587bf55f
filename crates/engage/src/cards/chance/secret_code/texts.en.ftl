secret-code-title = Secret code
secret-code-try = Try the code
secret-code-hint = Capital letters and spaces do not matter.
secret-code-nothing-typed = Type in the code first, then send it.
secret-code-too-soon = That was quick. Wait a moment, then try again.
secret-code-wrong = This is not one of our codes. Look at it again, letter by letter.
secret-code-left = { $number ->
    [one] You have one more try.
   *[other] You have { $number } more tries.
 }
secret-code-fact-code = Code
secret-code-fact-tries = Tries
secret-code-control-prompt = Words above the input
secret-code-control-codes = Codes
secret-code-control-code = The code as it is printed
secret-code-control-key = Key of the code
secret-code-control-prize = Key of the prize that it wins
secret-code-control-code-title = Heading for who wins no prize with it
secret-code-control-code-text = Text for who wins no prize with it
secret-code-control-tries = How many codes one person may try
