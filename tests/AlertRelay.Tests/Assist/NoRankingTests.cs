using Google.Protobuf.Reflection;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

/// <summary>Dismissing a prompt has no consequence for anybody: nothing in the contract can say who dismissed how many.</summary>
public sealed class NoRankingTests
{
    private static readonly ServiceDescriptor[] Services = [.. typeof(V1.Assist).Assembly.GetTypes()
        .Where(type => type.Namespace == "EdgeAssist.V1" && type.Name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(type => (FileDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!)
        .SelectMany(file => file.Services)];

    [Fact]
    public void Prompts_are_told_one_by_one_in_two_places_only()
    {
        var telling = Services.SelectMany(service => service.Methods).Where(method => Reaches(method.OutputType, V1.Prompt.Descriptor)).Select(method => method.FullName);

        Assert.Equal(
            new[] { "Watch", "MarkShown", "Accept", "Dismiss", "Snooze", "List" }.Select(name => "edgeassist.v1.Assist." + name).Order(),
            telling.Order());
    }

    [Fact]
    public void They_are_asked_for_by_call_and_never_by_agent()
    {
        Assert.Equal(["call_id", "include_would_be"], Names(V1.ListPromptsRequest.Descriptor));
        Assert.Equal(["call_ids", "teams"], Names(V1.AssistFilter.Descriptor));
        Assert.Equal(["kind", "situation", "locale"], Names(V1.ListEntriesRequest.Descriptor));
    }

    [Fact]
    public void Nothing_that_is_counted_of_prompts_names_a_person_a_team_or_a_call()
    {
        var counted = new[] { V1.EntryEffect.Descriptor, V1.MeasuredMoment.Descriptor, V1.PlaybookEntry.Descriptor };

        Assert.All(counted.SelectMany(message => message.Fields.InDeclarationOrder()), field =>
            Assert.DoesNotMatch("agent|subject|actor|team|call|prompt_id", field.Name));
    }

    /// <summary>Every message of every public service: one that holds a person beside a number of prompts would be a ranking.</summary>
    [Fact]
    public void No_answer_of_any_service_holds_a_person_beside_counts_of_dismissals()
    {
        var messages = Services.SelectMany(service => service.Methods).SelectMany(method => Closure(method.OutputType)).Distinct();

        Assert.DoesNotContain(messages, message => message.Fields.InDeclarationOrder().Any(field =>
            field.Name.Contains("dismiss", StringComparison.OrdinalIgnoreCase) && field.FieldType is FieldType.Int32 or FieldType.Int64 or FieldType.Double)
            && message.Fields.InDeclarationOrder().Any(field => field.Name is "agent" or "subject"));
    }

    private static IEnumerable<string> Names(MessageDescriptor message) => message.Fields.InDeclarationOrder().Select(field => field.Name);

    private static bool Reaches(MessageDescriptor from, MessageDescriptor to) => Closure(from).Contains(to);

    private static HashSet<MessageDescriptor> Closure(MessageDescriptor from)
    {
        var found = new HashSet<MessageDescriptor> { from };
        var left = new Queue<MessageDescriptor>([from]);
        while (left.TryDequeue(out var message))
        {
            foreach (var field in message.Fields.InDeclarationOrder().Where(field => field.FieldType == FieldType.Message && found.Add(field.MessageType)))
                left.Enqueue(field.MessageType);
        }

        return found;
    }
}
