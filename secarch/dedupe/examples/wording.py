"""The wordings of each kind of instruction. Many, so that a model learns to answer and not to match
a template.

Slots: `noun` (the subject as a noun phrase), `do` (with a bare verb), `asks` (a question), `clause`
(from its question word), `should` (that as a question), `is` (is or are), `where` (' in Amazon S3',
or empty), `term` (what a later part is about), `lang`, `columns`.
"""

from __future__ import annotations

ASK: dict[str, tuple[str, ...]] = {
    "howto/do": (
        "How do I {do}{where}?",
        "What are the steps to {do}{where}?",
        "Walk me through how to {do}{where}.",
        "I need to {do}{where}. What is the procedure?",
        "Explain step by step how to {do}{where}.",
        "What is the process to {do}{where}?",
        "Give me a procedure to {do}{where}.",
        "How can a team {do}{where}?",
        "We want to {do}{where}. How should we go about it?",
        "Describe how to {do}{where}.",
    ),
    "howto": (
        "What are the steps for {noun}{where}?",
        "Walk me through {noun}{where} step by step.",
        "How do I go about {noun}{where}?",
        "Give me the procedure for {noun}{where}.",
        "Which steps are involved in {noun}{where}?",
        "Describe the procedure for {noun}{where}.",
    ),
    "advice/do": (
        "How do I {do}{where}?",
        "How can I {do}{where}?",
        "What should I know in order to {do}{where}?",
        "What does it take to {do}{where}?",
        "Explain how to {do}{where}.",
        "How would you {do}{where}?",
        "I have to {do}{where}. What matters?",
        "What is the right way to {do}{where}?",
        "Our team plans to {do}{where}. How is that done?",
    ),
    "checklist": (
        "Give me a checklist for {noun}{where}.",
        "What should a review of {noun}{where} cover?",
        "Which points must I check for {noun}{where}?",
        "List what to verify for {noun}{where}.",
        "What belongs on a checklist for {noun}{where}?",
        "Which practices are recommended for {noun}{where}?",
    ),
    "checklist/do": (
        "Give me a checklist to {do}{where}.",
        "What should I check when I {do}{where}?",
        "Which points matter when you {do}{where}?",
        "List what to verify before and after you {do}{where}.",
    ),
    "list": (
        "What are the key points on {noun}{where}?",
        "Give me a bullet list on {noun}{where}.",
        "List what I should know about {noun}{where}.",
        "Run through {noun}{where} point by point.",
        "What should I know about {noun}{where}? Answer as a list.",
        "Break down {noun}{where} for me.",
        "Summarise {noun}{where} as bullet points.",
        "Which points should I keep in mind about {noun}{where}?",
    ),
    "compare": (
        "How do the options for {noun}{where} compare?",
        "Compare the entries under {noun}{where} by {columns}.",
        "What are the differences in {noun}{where}?",
        "Put {noun}{where} side by side: {columns}.",
        "Which choices are there for {noun}{where}, and how do they differ?",
        "Help me choose: how do the alternatives for {noun}{where} differ?",
    ),
    "reference": (
        "What are the values for {noun}{where}? Give {columns}.",
        "List {noun}{where} with {columns}.",
        "I need a reference table of {noun}{where}: {columns}.",
        "Show {columns} for {noun}{where}.",
        "Which entries are listed for {noun}{where}? State {columns}.",
        "Tabulate {noun}{where} by {columns}.",
    ),
    "risk": (
        "What are the risks around {noun}{where}?",
        "What can go wrong with {noun}{where}?",
        "What should I watch out for with {noun}{where}?",
        "Which pitfalls and limits apply to {noun}{where}?",
        "What warnings apply to {noun}{where}?",
        "Why can {noun}{where} be a security concern?",
    ),
    "limits": (
        "Which limitations and considerations apply to {noun}{where}?",
        "What should I consider about {noun}{where} before relying on it?",
        "What restrictions apply to {noun}{where}?",
        "What do I have to keep in mind about {noun}{where}?",
    ),
    "mitigate": (
        "How can {noun}{where} be mitigated?",
        "What defences are there against {noun}{where}?",
        "How do I fix {noun}{where}?",
        "Which controls reduce the risk of {noun}{where}?",
        "What is the remediation for {noun}{where}?",
        "How should we remediate {noun}{where}?",
    ),
    "detect": (
        "How can {noun}{where} be detected?",
        "Which signals reveal {noun}{where}?",
        "What should a detection for {noun}{where} look at?",
        "How would I find out about {noun}{where}?",
        "What telemetry helps to detect {noun}{where}?",
    ),
    "write": (
        "Write {lang} for {noun}{where}.",
        "Show me {lang} for {noun}{where}.",
        "Give me an example of {noun}{where} as {lang}.",
        "How would I write {lang} for {noun}{where}?",
        "I need {lang} for {noun}{where}. Can you provide it?",
        "Provide {lang} that covers {noun}{where}.",
    ),
    "write/do": (
        "Write {lang} to {do}{where}.",
        "Show me {lang} to {do}{where}.",
        "How do I {do}{where}? Include {lang}.",
        "I want to {do}{where}. Give me {lang}.",
        "Provide {lang} to {do}{where}.",
    ),
    "explain": (
        "What does this {lang} do? It concerns {noun}{where}.\n\n{code}",
        "Explain the following {lang} ({noun}{where}).\n\n{code}",
        "I found this {lang} for {noun}{where}. What is it for?\n\n{code}",
        "Please review and explain this {lang} about {noun}{where}.\n\n{code}",
    ),
    "definition": (
        "What {is} {noun}{where}?",
        "What {is} {noun}{where}, in short?",
        "What do people mean by {noun}{where}?",
        "Explain the term {noun}{where}.",
        "Define {noun}{where}.",
        "Give a definition of {noun}{where}.",
        "How would you describe {noun}{where} to a new colleague?",
    ),
    "why": (
        "What are the reasons for {noun}{where}?",
        "Why should anyone care about {noun}{where}?",
        "Explain the rationale behind {noun}{where}.",
        "What do we gain from {noun}{where}?",
        "What is the purpose of {noun}{where}?",
    ),
    "recommend": (
        "What do you recommend for {noun}{where}?",
        "What is good practice for {noun}{where}?",
        "How should we approach {noun}{where}?",
        "What would you advise on {noun}{where}?",
        "Which recommendations apply to {noun}{where}?",
        "What should a team do about {noun}{where}?",
        "How do I get {noun}{where} right?",
        "We are reviewing {noun}{where}. What should we aim for?",
    ),
    "permissions": (
        "Which permissions matter for {noun}{where}?",
        "How is access controlled for {noun}{where}?",
        "Who is allowed to do what with {noun}{where}?",
        "What access does {noun}{where} involve?",
        "Explain access and permissions for {noun}{where}.",
        "What do I have to grant for {noun}{where}?",
    ),
    "rules": (
        "Which rules apply to {noun}{where}?",
        "What are the conditions for {noun}{where}?",
        "What is and is not possible with {noun}{where}?",
        "Which requirements come with {noun}{where}?",
        "Which constraints does {noun}{where} come with?",
        "Which limits and requirements apply to {noun}{where}?",
    ),
    "capability": (
        "What can I do with {noun}{where}?",
        "What {does} {noun}{where} offer?",
        "How {does} {noun}{where} help?",
        "What {is} {noun}{where} good for?",
        "When would I use {noun}{where}?",
        "What {does} {noun}{where} make possible?",
        "Why would a team use {noun}{where}?",
    ),
    "mechanism": (
        "How {does} {noun}{where} work?",
        "What happens with {noun}{where}?",
        "Explain how {noun}{where} {works}.",
        "What goes on behind {noun}{where}?",
        "Describe the behaviour of {noun}{where}.",
        "Walk me through the workings of {noun}{where}.",
    ),
    "parts": (
        "What {does} {noun}{where} consist of?",
        "What is part of {noun}{where}?",
        "Which parts {does} {noun}{where} have?",
        "What {does} {noun}{where} include?",
        "Name the parts of {noun}{where} and say what each is for.",
        "What belongs to {noun}{where}?",
    ),
    "changes": (
        "What changed in {noun}{where}?",
        "What is new in {noun}{where}?",
        "Which changes does {noun}{where} bring?",
        "Summarise the changes in {noun}{where}.",
        "What should I know before moving to {noun}{where}?",
    ),
    "changes/of": (
        "What changed about {noun}{where}?",
        "What is new about {noun}{where}?",
        "Summarise what changed around {noun}{where}.",
        "Which changes concern {noun}{where}?",
    ),
    "field": (
        "What does {noun}{where} stand for?",
        "What is {noun}{where} used for?",
        "What does {noun}{where} do?",
        "Explain {noun}{where}.",
        "When do I need {noun}{where}?",
        "What does {noun}{where} tell me?",
    ),
    "shown": (
        "Explain {noun}{where} with an example.",
        "How {is} {noun}{where} used? Show me.",
        "Show how {noun}{where} {works} in practice.",
        "What {does} {noun}{where} look like in practice?",
        "Explain {noun}{where}, and include the commands or code.",
        "Can you illustrate {noun}{where}?",
        "Demonstrate {noun}{where}.",
    ),
    "overview": (
        "Explain {noun}{where}.",
        "Give me an overview of {noun}{where}.",
        "What should I know about {noun}{where}?",
        "Summarise {noun}{where} for an architect.",
        "Describe {noun}{where}.",
        "Tell me about {noun}{where}.",
        "I am new to {noun}{where}. What are the essentials?",
        "Give me a short introduction to {noun}{where}.",
        "What matters most about {noun}{where}?",
        "Brief me on {noun}{where}.",
    ),
    "clause": (
        "Explain {clause}{where}.",
        "Can you explain {clause}{where}?",
        "I would like to understand {clause}{where}.",
        "Tell me {clause}{where}.",
        "Help me understand {clause}{where}.",
    ),
    "clause/said": (
        "What does {said} mean{where}?",
        "Why does {said} matter{where}?",
        "What is behind {said}{where}?",
        "What should I know about {said}{where}?",
        "A report says {said}{where}. What does that tell me?",
        "Explain {said}{where}.",
    ),
    "question": (
        "{asks}",
        "{asks} Please explain.",
        "A colleague asked me: {asks}",
        "{asks} Give a short explanation.",
        "Help me answer this: {asks}",
    ),
    "requirement": (
        "What is required by {noun}{where}?",
        "Explain the requirement {noun}{where}.",
        "What do I have to show for {noun}{where}?",
        "State the control {noun}{where} and what it asks for.",
        "What does {noun}{where} ask for?",
        "What does {noun}{where} mean in practice?",
    ),
    "prerequisites": (
        "What are the prerequisites for {noun}{where}?",
        "What do I need before starting with {noun}{where}?",
        "What has to be in place for {noun}{where}?",
        "Which requirements must be met before {noun}{where}?",
    ),
    "troubleshoot": (
        "How do I troubleshoot {noun}{where}?",
        "I am running into {noun}{where}. What can I do?",
        "What causes {noun}{where}, and how is it resolved?",
        "How can I diagnose {noun}{where}?",
    ),
    "assess": (
        "How would you test {noun}{where}?",
        "How do I check for {noun}{where}?",
        "Describe a test for {noun}{where}.",
        "What should a tester do about {noun}{where}?",
    ),
    "example": (
        "Give an example of {noun}{where}.",
        "Show me an example of {noun}{where}.",
        "Can you give an example of {noun}{where}?",
        "Illustrate {noun}{where} with an example.",
    ),
    "syntax": (
        "List the {facet} of {noun}{where}.",
        "Describe the {facet} of {noun}{where}.",
        "What are the {facet} of {noun}{where}?",
        "Which {facet} are there for {noun}{where}?",
    ),
    "part": (
        "How does {term} fit into {noun}{where}?",
        "What should I know about {term} for {noun}{where}?",
        "Go deeper on {noun}{where}: what about {term}?",
        "When it comes to {noun}{where}, what matters about {term}?",
        "Tell me more about {noun}{where}, in particular {term}.",
        "What role does {term} play in {noun}{where}?",
        "I am working on {noun}{where}. Explain {term}.",
        "Where does {term} come into {noun}{where}?",
        "What else is there to {noun}{where}, especially {term}?",
    ),
    "reference/do": (
        "What are the ways to {do}{where}? List {columns}.",
        "How can I {do}{where}? Answer with a table of {columns}.",
        "I want to {do}{where}. Give me a table of {columns}.",
        "Tabulate how to {do}{where}: {columns}.",
    ),
    "compare/do": (
        "Help me {do}{where}: compare {columns}.",
        "I want to {do}{where}. Give me a comparison by {columns}.",
        "How should I {do}{where}? Compare {columns}.",
        "What should a team look at to {do}{where}? Compare {columns}.",
    ),
    "clause/to": (
        "{should}{where}?",
        "{should}{where}? What do you recommend?",
        "Tell me {clause}{where}.",
        "We are not sure {clause}{where}. What do you advise?",
        "Can you explain {clause}{where}?",
        "I need to know {clause}{where}.",
    ),
    "clause/when": (
        "What matters {clause}{where}?",
        "What do I need to know {clause}{where}?",
        "What should we keep in mind {clause}{where}?",
        "Explain what to consider {clause}{where}.",
    ),
    "mistakes": (
        "Which mistakes are common with {noun}{where}?",
        "What do teams get wrong about {noun}{where}?",
        "What are typical mistakes with {noun}{where}?",
        "Which pitfalls of {noun}{where} should I avoid?",
        "Where does {noun}{where} usually go wrong?",
    ),
    "both": (
        "Explain {term}{where}.",
        "What should I know about {term}{where}?",
        "Describe {term}{where}.",
        "Tell me about {term}{where}.",
        "Brief me on {term}{where}.",
        "Can you cover {term}{where}?",
    ),
}

FACETS: dict[str, str] = {
    "overview": r"overview|introduction|intro|summary|about|background|description|abstract|"
    r"general(?: information)?|"
    r"what it does|context|getting started|concepts?|basics|key "
    r"concepts|details?|foreword|conclusions?|"
    r"notes?|at a glance|in short|scope|additional information|more information|remarks|discussion",
    "prerequisites": r"prerequisites?|before you (?:begin|start)|requirements|what you need|you "
    r"will need|required "
    r"permissions|pre-?requisites? .*",
    "example": r"(?:usage )?examples?(?: usage)?|samples?|sample usage|usage|basic usage|basic "
    r"example|quick ?start|"
    r"demo",
    "syntax": r"parameters?|arguments?|inputs?|outputs?|variables|attributes?|fields?|options?|"
    r"properties|syntax|"
    r"flags|values|configuration|settings|api|endpoints?|request (?:parameters|syntax)|response(?: "
    r"elements)?|metrics|events|schema",
    "pointers": r"next steps?|see also|related(?: \w+){0,2}|references?|further reading|learn "
    r"more|(?:external |useful "
    r"|additional )?links?|(?:additional |other )?resources?|what'?s next|sources?|(?:pages )?in "
    r"this "
    r"section|on this page|(?:table of )?contents|credits|acknowledg\w+|"
    r"authors?|contributors?|remediation links",
    "mitigate": r"mitigations?|remediation.*|how to "
    r"fix|fix(?:es)?|countermeasures?|recommendations?|prevention|how to "
    r"(?:prevent|mitigate|remediate).*|recommended actions?|defen[cs]es?|solutions?",
    "detect": r"detections?|how to detect.*|detection strateg\w+|monitoring",
    "risk": r"risks?|impacts?|threats?|risk factors|security "
    r"(?:considerations|implications|risks)|vulnerabilit\w+|"
    r"consequences",
    "limits": r"limitations?|considerations|caveats?|known "
    r"(?:issues|limitations)|restrictions|quotas(?: and "
    r"limits)?|limits|drawbacks|important(?: notes?)?",
    "howto": r"procedure|steps?|instructions|tutorial|walkthrough|setup|set "
    r"up|installation|install|how[- ]to|"
    r"deployment|running the example|usage instructions|implementation",
    "mistakes": r"(?:typical|common|frequent|usual) "
    r"(?:mistakes|pitfalls|misconfigurations)|mistakes|pitfalls|"
    r"anti-?patterns|what goes wrong",
    "troubleshoot": r"troubleshooting|common (?:issues|problems|errors)|faqs?|errors?",
    "why": r"why|rationale|motivation|goals?|objectives?|purpose|benefits|advantages|use "
    r"cases?|when to use(?: it)?",
    "assess": r"test objectives?|how to test.*|testing|test(?:s| "
    r"cases?)|verification|verify|validation|black-box "
    r"testing|gray-box testing|audit(?: procedure)?",
    "requirement": r"control statement|guidance|control|requirement|supplemental guidance|control "
    r"objective|statement|"
    r"assessment objectives?",
    "write": r"policy definition|policy|template|code|manifest|terraform|cloudformation|aws "
    r"cli|cli|console|azure "
    r"cli|powershell|bicep|rego|yaml|json|sample code|source code",
}
