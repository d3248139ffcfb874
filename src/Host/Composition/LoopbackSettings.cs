using System.Text.RegularExpressions;
using EdgeAssist.Host.Demo;

namespace EdgeAssist.Host.Composition;

/// <summary>Settings of an appliance that only this machine can reach, on ports the system chooses: for the demo and the load harness.</summary>
internal static class LoopbackSettings
{
    /// <param name="dataDirectory">Holds journal and keys.</param>
    /// <param name="trunk">Name and team of the one trunk.</param>
    /// <param name="samples">The calls to come: their parties' addresses give the roles.</param>
    public static Dictionary<string, string?> Of(string dataDirectory, string trunk, IEnumerable<SampleCall> samples)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Data:Directory"] = dataDirectory,
            ["Sip:Listen:0"] = "udp:127.0.0.1:0",
            ["Rtp:Address"] = "127.0.0.1",
            ["Rtp:PortMin"] = "0",
            ["Rtp:PortMax"] = "0",
            ["Api:Listen"] = "127.0.0.1:0",
            ["Api:WebListen"] = "",
            ["Sip:Trunks:0:Name"] = trunk,
            ["Sip:Trunks:0:Team"] = trunk,
        };
        foreach (var (party, index) in samples.SelectMany(sample => sample.Parties).DistinctBy(party => party.Aor).Select((party, index) => (party, index)))
        {
            settings[$"Sip:Trunks:0:Roles:{index}:Test"] = "Pattern";
            settings[$"Sip:Trunks:0:Roles:{index}:Value"] = $"^{Regex.Escape(party.Aor)}$";
            settings[$"Sip:Trunks:0:Roles:{index}:Role"] = party.Role == "agent" ? "Agent" : "Customer";
        }

        return settings;
    }
}
