using System.CommandLine;
using System.Net;
using BambooOrleans.Cli.Serving;
using BambooOrleans.Server;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Cli.Doctor;

/// <summary>The options of <c>bamboo serve</c>, as they were given to the doctor.</summary>
internal static class ServerChecks
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    public static List<Check> Of(ParseResult command, Machine machine)
    {
        BambooServerOptions options;
        try
        {
            options = ServerOptions.Of(command);
        }
        catch (BambooException failure)
        {
            return [Check.Problem("serve.options", failure.Message, "bamboo serve would refuse it too: correct it.")];
        }

        List<Check> checks = [.. options.Listen.Select(address => Address(address, machine)), Openness(options)];
        if (options.KeyFile is { } keys)
        {
            checks.AddRange(Keys(keys));
        }

        if (options.Jwt is { } jwt)
        {
            checks.AddRange(Private("serve.jwt_keys", jwt.KeyFile, isSecret: false));
        }

        if (ServerOptions.SecretFile(command) is { } secret)
        {
            checks.AddRange(Private("serve.callback_secret", secret, isSecret: true));
            if (options.CallbackSecret is { Length: < CallbackTokens.SecretBytesMin })
            {
                checks.Add(Check.Problem("serve.callback_secret", $"{secret} is too short", "Make it of at least 32 random bytes."));
            }
        }

        return checks;
    }

    private static Check Address(IPEndPoint address, Machine machine) => machine.TryListen(address) is { } reason
        ? Check.Warning("serve.address", $"it cannot listen on {address}: {reason}", "Where that is not bamboo serve itself, name another address with --listen.")
        : Check.Ok("serve.address", $"{address} is free");

    private static Check Openness(BambooServerOptions options)
    {
        bool isOpen = options.Listen.Any(address => !IPAddress.IsLoopback(address.Address));
        bool hasKeys = options.KeyFile is not null || options.Jwt is not null;
        return (isOpen, hasKeys) switch
        {
            (true, false) => Check.Problem("serve.authentication", "it would listen beyond this machine without authentication, which it refuses", "Add --keys (bamboo key add makes one) or --jwt-keys."),
            (false, false) => Check.Ok("serve.authentication", "only this machine reaches it, and whoever has an account here may do all"),
            _ => Check.Ok("serve.authentication", "callers need a key or a token"),
        };
    }

    private static List<Check> Keys(string file)
    {
        List<Check> checks = Private("serve.keys", file, isSecret: true);
        try
        {
            int good = ApiKeyFile.Read(file).Count(key => key.RevokedTime is null);
            checks.Add(good > 0
                ? Check.Ok("serve.keys", $"{file} has {good.ToString(System.Globalization.CultureInfo.InvariantCulture)} keys that are not revoked")
                : Check.Problem("serve.keys", $"{file} has no key that is not revoked", "bamboo key add makes one."));
        }
        catch (BambooException failure)
        {
            checks.Add(Check.Problem("serve.keys", failure.Message, "Correct the file, or make it again with bamboo key add."));
        }

        return checks;
    }

    private static List<Check> Private(string name, string file, bool isSecret)
    {
        if (!File.Exists(file))
        {
            return [Check.Problem(name, $"{file} is not there", "Name the file that is there.")];
        }

        if (OperatingSystem.IsWindows())
        {
            return [];
        }

        UnixFileMode mode = File.GetUnixFileMode(file);
        UnixFileMode wrong = isSecret ? Others : UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        return (mode & wrong) == 0
            ? [Check.Ok(name, $"{file} is {(isSecret ? "private" : "written by its owner only")}")]
            : [Check.Problem(name, $"others may {((mode & wrong & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0 ? "write" : "read")} {file}", $"chmod {(isSecret ? "600" : "644")} {file}")];
    }
}
