using System.Text.RegularExpressions;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// Facts a customer or an agent states in so many words. Looked for in normalised words (lower case, no punctuation, digits
/// as 0, single spaces). The patterns are ours, written for telephone English; the text model covers the rest.
/// </summary>
internal static class PhraseCues
{
    private const string Amount = "(?:0|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|half|an|a|several|many|few|couple)";
    private const string Contacted = "(?:called|phoned|rang|rung|emailed|contacted|written|complained|asked|spoken|spoke|explained|reported|told (?:you|them|your))";
    private const string Before = "(?:yesterday|twice|last (?:week|month|night|time|monday|tuesday|wednesday|thursday|friday)|already|again|before|(?:days|weeks|months) ago|every (?:day|week|time|month)|" + Amount + " (?:\\w+ )?times|times|this morning|on (?:monday|tuesday|wednesday|thursday|friday))";

    // Any words may come: matching takes time linear in their number.
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    public static bool RepeatedContact(string words) => RepeatedContactPattern.IsMatch(words);

    public static bool LongWait(string words) => LongWaitPattern.IsMatch(words);

    public static bool NobodyHelps(string words) => NobodyHelpsPattern.IsMatch(words);

    public static bool BrokenPromise(string words) => BrokenPromisePattern.IsMatch(words);

    /// <summary>A customer's thanks or agreement.</summary>
    public static bool Thanks(string words) => ThanksPattern.IsMatch(words);

    /// <summary>An agent's apology or understanding.</summary>
    public static bool Empathy(string words) => EmpathyPattern.IsMatch(words);

    /// <summary>An agent's deed, or a promise of one.</summary>
    public static bool Resolution(string words) => ResolutionPattern.IsMatch(words);

    private static readonly Regex RepeatedContactPattern = new(@"\b(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth|0 (?:nd|rd|th)) (?:time|call)\b"
        + @"|\bi(?: have|ve| had| m| am)?(?: \w+){0,2} " + Contacted + @"\b(?: \w+){0,6} " + Before + @"\b"
        + @"|\b(?:keep|kept) (?:on )?(?:calling|ringing|phoning|emailing|asking|chasing)\b"
        + @"|\b(?:call|calling|called|phone|ring|explain|repeat) (?:you |this |myself |it |it all |back )*(?:again and again|over and over|every (?:day|week|time)|twice)\b"
        + @"|\b" + Amount + @" (?:calls|emails|visits|times) (?:now|already|later|and)\b"
        + @"|\bhow many times\b", Linear);

    private static readonly Regex LongWaitPattern = new(@"\b(?:on hold|waiting|waited|holding|wait|in (?:the|a|this) queue|stood here|without (?:internet|service|power|a phone|my \w+))\b(?: \w+){0,5} (?:hour|hours|minutes|mins|days|weeks|months|forever|ages|since|week|month|morning|afternoon)\b"
        + @"|\b(?:0|" + Amount + @")(?: \w+)? (?:hours?|minutes|days|weeks|months)(?: \w+){0,3} (?:on hold|waiting|on the phone|in (?:the|a|this) queue)\b"
        + @"|\bstill waiting\b", Linear);

    private static readonly Regex NobodyHelpsPattern = new(@"\b(?:nobody|no one|noone|not (?:one|a single) person|none of (?:you|them)|not one of you)\b(?: \w+){0,4} (?:help|helps|helping|helped|care|cares|cared|call|called|calls|answer|answers|answered|knows?|listens?|listening|responsible|responsibility|fix|fixes|fixed|picks?|tell|tells|told|showed|shows|came|comes|does|doing|did|explain|interested|wants|get|gets|got)\b"
        + @"|\b(?:passed|bounced|transferred|sent|shoved|pushed|passing me|transferring me|sending me) (?:around|round|along|again|from|back and forth|in circles|" + Amount + @" times)\b"
        + @"|\b(?:the |a )?run ?around\b|\bback and forth\b|\bin circles\b|\bfrom pillar to post\b"
        + @"|\b(?:hung up on|cut) me(?: off)?\b|\bnothing (?:happens|happened|has (?:happened|changed|been done)|gets done|was done|changes|is being done)\b"
        + @"|\b(?:you are|youre|you re|you) not (?:helping|listening|hearing)\b|\b(?:getting|going|got) nowhere\b"
        + @"|\b(?:different|another) (?:answer|story|person|department) (?:every|each) time\b"
        + @"|\bstill (?:not|isnt|hasnt|doesnt|not been|havent|no one|nobody|nothing)\b", Linear);

    private static readonly Regex BrokenPromisePattern = new(@"\b(?:you|they|he|she|someone|somebody|your \w+)(?: people| guys)? (?:promised|assured|swore|guaranteed)\b"
        + @"|\b(?:i was|been|was) (?:promised|assured|guaranteed)\b"
        + @"|\b(?:you|they|i was|he|she) (?:\w+ )?(?:said|told)(?: \w+){0,3} (?:would|was going to|were going to|it would|by)\b"
        + @"|\bnever (?:called|phoned|rang|came|showed|arrived|got back|replied|answered|happened|turned up)\b"
        + @"|\b(?:lied|lying) to me\b|\bsame (?:thing|story|answer|excuse)s? (?:last|again|every|you|as|every)\b", Linear);

    private static readonly Regex ThanksPattern = new(@"\b(?:thank you|thanks|cheers|appreciate (?:it|that|your|you)|much appreciated|thats (?:great|perfect|fine|good|brilliant|lovely|wonderful|very kind|helpful)|that is (?:great|perfect|fine|good|very kind|helpful)|that (?:works|would be (?:great|fine|good|helpful|perfect))|sounds (?:good|great|fine|fair)|(?:okay|ok|alright|all right) (?:i understand|fine|good|great|perfect|that)|makes sense|fair enough|no problem|no worries|perfect|brilliant|wonderful|youve been (?:very |so |really )?(?:helpful|kind))\b", Linear);

    private static readonly Regex EmpathyPattern = new(@"\b(?:sorry|apologi[sz]e|apologies|i (?:completely |totally |really |do |can )?(?:understand|hear you|appreciate)|must be (?:frustrating|upsetting|annoying|stressful)|frustrating for you|your patience|thank you for (?:waiting|holding|telling)|i would feel the same|that should not have happened)\b", Linear);

    private static readonly Regex ResolutionPattern = new(@"\b(?:i|we)(?:ve| have)? (?:just |now |already |gone ahead and )*(?:refunded|fixed|sorted|resolved|credited|booked|arranged|waived|removed|processed|rebooked|reversed|replaced|reopened|corrected|unlocked|cancelled the (?:fee|charge))\b"
        + @"|\b(?:i|we)(?:ll| will| can| am going to| m going to| would like to) (?:\w+ )?(?:refund|credit|fix|waive|arrange|replace|reverse|rebook|take care|make sure|sort|stay on|personally|call you back|send (?:you )?(?:a new|a replacement|an engineer|someone)|correct|put this right|look into)\b"
        + @"|\b(?:refund|credit|replacement|engineer) (?:is|has been|will be|should be) (?:\w+ )?(?:on|processed|issued|sent|there|with you|booked|approved)\b", Linear);
}
