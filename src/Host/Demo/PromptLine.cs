using System.Globalization;
using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>A prompt or a message as lines.</summary>
internal static class PromptLine
{
    public static string? Describe(AssistEvent happened) => happened.KindCase switch
    {
        AssistEvent.KindOneofCase.Prompt when happened.Prompt.State == PromptState.Offered =>
            Describe(happened.Prompt) + (happened.Latency is { } hops ? string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}        {LatencyTable.Total(hops):0} ms after its trigger") : ""),
        AssistEvent.KindOneofCase.Prompt => $"PROMPT {Word(happened.Prompt.State)}  {happened.Prompt.Phrase.EntryId}",
        AssistEvent.KindOneofCase.Message => Describe(happened.Message),
        _ => null,
    };

    public static string Describe(Prompt prompt)
    {
        var lines = new List<string>
        {
            string.Create(CultureInfo.InvariantCulture, $"PROMPT {Word(prompt.State)}  to {prompt.Agent}  {prompt.Situation}  risk {prompt.Confidence:0.00}  ({prompt.Number} of this call)"),
            $"        say:   {prompt.Phrase.Text}",
        };
        if (prompt.Option is { } option)
        {
            lines.Add($"        offer: {option.Text}");
            lines.AddRange(option.Citations.Select(citation => $"               rests on {citation.Line}"));
        }

        lines.Add($"        why:   {prompt.Why}");
        return string.Join(Environment.NewLine, lines);
    }

    public static string Describe(AgentMessage message) =>
        $"MESSAGE {(message.ReadAt is not null ? "read" : message.DeliveredAt is not null ? "delivered" : "sent")}  {message.Author} to {message.Agent}: {message.Text}";

    private static string Word(PromptState state) => state switch
    {
        PromptState.CallEnded => "over with the call",
        _ => state.ToString().ToLowerInvariant(),
    };
}
