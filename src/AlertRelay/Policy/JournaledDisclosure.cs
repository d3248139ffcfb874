using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Policy;

/// <summary>
/// The switches in force, for whoever asks by team. Of a call that is under way its own mode counts
/// (<c>Call.mode</c>): a call that began silent stays so when its team is switched.
/// </summary>
/// <param name="writer">The relay's writer; there is one once the relay has started.</param>
internal sealed class JournaledDisclosure(Func<RelayWriter> writer) : IDisclosurePolicy
{
    public Disclosure For(string team) => writer().State.Modes.Of(team) == V1.PolicyMode.Observe ? Disclosure.Observe : Disclosure.Assist;
}
