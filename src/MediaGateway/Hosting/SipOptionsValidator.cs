using Microsoft.Extensions.Options;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>Reads the options once at start and says what cannot be read.</summary>
internal sealed class SipOptionsValidator : IValidateOptions<SipOptions>
{
    public ValidateOptionsResult Validate(string? name, SipOptions options)
    {
        var faults = SipConfiguration.Read(options).Faults;
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
