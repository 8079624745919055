using System.Globalization;
using System.Xml.Linq;

namespace BambooOrleans.Deploy.Tests;

public sealed class ContainerfileTests
{
    private static readonly string[][] Instructions =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "deploy", "container", "Containerfile"))
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', 2)),
    ];

    [Fact]
    public void It_is_built_in_one_image_and_runs_in_another_of_the_same_version()
    {
        string framework = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("TargetFramework").Single().Value;
        string version = framework["net".Length..];

        Assert.Equal(
            [$"mcr.microsoft.com/dotnet/sdk:{version} AS build", $"mcr.microsoft.com/dotnet/aspnet:{version} AS run"], ArgumentsOf("FROM"));
        Assert.Contains("--from=build /out .", ArgumentsOf("COPY"));
    }

    [Fact]
    public void It_publishes_the_silo_and_starts_it()
    {
        XDocument project = XDocument.Load(Path.Combine(Repository.Root, "src", "BambooOrleans.Silo", "BambooOrleans.Silo.csproj"));

        Assert.Contains("dotnet publish src/BambooOrleans.Silo -c Release -p:OrleansHost=true -o /out", ArgumentsOf("RUN"));
        Assert.Equal([$"[\"dotnet\", \"{project.Descendants("AssemblyName").Single().Value}.dll\"]"], ArgumentsOf("ENTRYPOINT"));
    }

    [Fact]
    public void It_shows_the_ports_of_silo_json() => Assert.Equal(
        [
            string.Join(
                ' ',
                new[] { "siloPort", "gatewayPort", "healthPort" }.Select(name => $"{Repository.Setting(name).GetInt32()}")
                    .Append(Repository.Setting("http.listen").GetString()!.Split(':')[1])),
        ],
        ArgumentsOf("EXPOSE"));

    [Fact]
    public void It_runs_as_the_user_that_the_manifests_name()
    {
        int user = int.Parse(Assert.Single(ArgumentsOf("USER")), CultureInfo.InvariantCulture);

        Assert.NotEqual(0, user);
        Assert.All(Kustomization.Base.Manifests.Where(manifest => manifest.HasPods), manifest =>
            Assert.Equal(user, manifest.Pod["securityContext"]["runAsUser"].Number));
    }

    private static IEnumerable<string> ArgumentsOf(string instruction) =>
        Instructions.Where(line => line[0] == instruction).Select(line => line[1]);
}
